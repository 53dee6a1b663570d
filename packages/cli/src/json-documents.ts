import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { whyUnread } from '@gatehouse/kit'
import { flagError } from './cli-error.ts'
import type { FlagValue } from './parse-arguments.ts'

/**
 * Reads the values of a flag that takes JSON: each is an object or an array of them, or `@` and the file that has it.
 */
export const readDocuments = async (flag: string, typed: FlagValue, cwd: string): Promise<readonly unknown[]> => {
  const texts = Array.isArray(typed) ? typed.map(String) : [String(typed)]
  const read = await Promise.all(texts.map((text) => readDocument(flag, text, cwd)))
  return read.flat(1)
}

const readDocument = async (flag: string, text: string, cwd: string): Promise<unknown> => {
  const json = text.startsWith('@') ? await readNamed(flag, resolve(cwd, text.slice(1))) : text
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw flagError(
      flag,
      `is no JSON (${cause instanceof Error ? cause.message : 'unknown reason'}); write an object, or @ and a ` +
        'file with it',
    )
  }
}

const readNamed = (flag: string, path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: Error) => {
    throw flagError(flag, `cannot read ${path}: ${whyUnread(cause)}`)
  })
