import { text } from 'node:stream/consumers'
import type { KeyringAnswer, KeyringQuestion } from './keyring-question.ts'

/**
 * Asks the keyring what standard input says, and prints the answer. Whoever started this process ends it if that
 * hangs.
 */
export const answerFromKeyring = async ({ stdin, stdout }: NodeJS.Process): Promise<number> => {
  const question = JSON.parse(await text(stdin)) as KeyringQuestion // from our own other half
  const answer = await ask(question, () => stdout.write('asking\n')).catch((error: Error): KeyringAnswer => ({
    problem: error.message,
  }))
  stdout.write(`${JSON.stringify(answer)}\n`)
  return 0
}

/**
 * The kernel's key ring, to which the library would fall back on Linux, is empty after a reboot and shared with all of
 * the user's processes: it is no keyring to us.
 */
const ask = async (question: KeyringQuestion, aboutToAsk: () => void): Promise<KeyringAnswer> => {
  const { Entry } = await import('@napi-rs/keyring')
  aboutToAsk()
  const entry = new Entry(question.service, question.name, { linux: { store: 'secret-service' } })
  if (question.verb === 'read') return { text: entry.getPassword() }
  if (question.verb === 'write') entry.setPassword(question.text ?? '')
  else entry.deleteCredential()
  return { text: null }
}
