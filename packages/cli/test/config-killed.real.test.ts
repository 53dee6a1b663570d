import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ageIdentities, ageKeys, formatOf, isEncrypted, openDocument, plainBytes, recipientOf } from '@gatehouse/sops'
import { builtPrograms, timeoutOf, volume } from '@gatehouse/testkit'
import { generateX25519Identity } from 'age-encryption'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { run } from './run.ts'

const root = mkdtempSync(join(tmpdir(), 'gatehouse-killed-'))
const kills = volume({ full: 25, sample: 2 })
let home: string
let program: string
let [mine, theirs]: readonly string[] = []
const identities: string[] = []

beforeAll(async () => {
  program = (await builtPrograms()).cli
  identities.push(await generateX25519Identity(), await generateX25519Identity())
  ;[mine, theirs] = await Promise.all(ageIdentities(identities.join('\n')).map(recipientOf))
})
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const environment = () => ({ PATH: process.env['PATH'] ?? '', HOME: home, SOPS_AGE_KEY: identities[0] ?? '' })
const gatehouse = (words: readonly string[]) => run(['config', ...words], { cwd: home, env: environment() })
const rule = (...recipients: readonly (string | undefined)[]): void =>
  writeFileSync(join(home, '.sops.yaml'), `creation_rules:\n  - age: ${recipients.join(',')}\n`)

/** Files of each format, and what stands in them. */
const sources = new Map<string, string>(
  Array.from({ length: 40 }, (_, index) => {
    const [ending, text] = [
      ['yaml', `# note\npassword: hunter${index}\nport: ${index}\n`],
      ['json', `{\n\t"password": "hunter${index}"\n}\n`],
      ['env', `PASSWORD=hunter${index}\n`],
      ['ini', `[db]\npassword = hunter${index}\n`],
    ][index % 4] as [string, string] // one of the four
    return [`conf/${String(index).padStart(2, '0')}.${ending}`, text] as const
  }),
)
const put = (): void => {
  mkdirSync(join(home, 'conf'), { recursive: true })
  for (const [name, text] of sources) writeFileSync(join(home, name), text)
}
const bytesOf = (name: string): Buffer => readFileSync(join(home, name))

/** What a file says, in clear or opened. */
const textOf = async (name: string): Promise<string> => {
  const [bytes, format] = [bytesOf(name), formatOf(name)]
  if (!isEncrypted(bytes, format)) return bytes.toString()
  const document = await openDocument(bytes, { format, services: [ageKeys(ageIdentities(identities[0] ?? ''))] })
  return Buffer.from(plainBytes(document)).toString()
}

/** Every file is whole under its name, and what lies beside is no plaintext. */
const expectWhole = async (): Promise<void> => {
  for (const [name, text] of sources) expect(await textOf(name), name).toBe(text)
  const others = readdirSync(join(home, 'conf')).filter((name) => !sources.has(`conf/${name}`))
  for (const name of others) {
    expect(name).toMatch(/\.tmp$/)
    expect(bytesOf(`conf/${name}`).toString()).not.toContain('hunter')
  }
}

/** Starts a command, and kills it when the first file is another, or somewhat later. */
const killed = async (words: readonly string[], first = [...sources.keys()][0] ?? ''): Promise<void> => {
  const before = bytesOf(first)
  const child = spawn(process.execPath, [program, 'config', ...words], {
    cwd: home,
    env: environment(),
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  while (child.exitCode === null && bytesOf(first).equals(before)) await sleep(1)
  await sleep(randomInt(40))
  child.kill('SIGKILL')
  await ended
}
const encryptedNow = (): number =>
  [...sources.keys()].filter((name) => isEncrypted(bytesOf(name), formatOf(name))).length

test(
  'encrypt-all that was killed at any moment leaves each file in clear or encrypted, and a second run goes on',
  async () => {
    rule(mine)
    for (let kill = 0; kill < kills; kill += 1) {
      put()
      await killed(['encrypt-all', 'conf'])
      await expectWhole()
      expect(encryptedNow()).toBeGreaterThan(0)
      expect(await gatehouse(['encrypt-all', 'conf'])).toMatchObject({ code: 0 })
      expect(encryptedNow()).toBe(sources.size)
      await expectWhole()
      expect(await gatehouse(['validate', 'conf'])).toMatchObject({ code: 0 })
    }
  },
  timeoutOf(60_000),
)

test(
  'update-keys over a tree that was killed at any moment leaves each file open, and a second run goes on',
  async () => {
    rule(mine, theirs)
    put()
    expect(await gatehouse(['encrypt-all', 'conf'])).toMatchObject({ code: 0 })
    for (let kill = 0; kill < kills; kill += 1) {
      rule(mine, ...(kill % 2 === 0 ? [] : [theirs])) // who leaves means a new data key, who comes the same
      await killed(['update-keys', 'conf'])
      await expectWhole()
      expect(await gatehouse(['update-keys', 'conf'])).toMatchObject({ code: 0 })
      expect(await gatehouse(['validate', 'conf'])).toMatchObject({ code: 0 })
      await expectWhole()
    }
  },
  timeoutOf(60_000),
)

test(
  'a rotation that was killed at any moment leaves the file as it was or rotated',
  async () => {
    const lines = Array.from({ length: 4000 }, (_, index) => `k${index}: hunter${index}\n`).join('')
    writeFileSync(join(home, 'large.yaml'), lines)
    expect(await gatehouse(['encrypt', 'large.yaml', '--age', mine ?? '', '--in-place'])).toMatchObject({ code: 0 })
    for (let kill = 0; kill < kills; kill += 1) {
      const child = spawn(process.execPath, [program, 'config', 'rotate', 'large.yaml'], {
        cwd: home,
        env: environment(),
        stdio: 'ignore',
      })
      const ended = once(child, 'exit')
      // once it has begun to write, or shortly before
      while (child.exitCode === null && !readdirSync(home).some((name) => name.endsWith('.tmp'))) await sleep(1)
      await sleep(randomInt(3))
      child.kill('SIGKILL')
      await ended
      expect(await textOf('large.yaml')).toBe(lines)
      for (const name of readdirSync(home).filter((one) => one.endsWith('.tmp'))) rmSync(join(home, name))
    }
  },
  timeoutOf(60_000),
)
