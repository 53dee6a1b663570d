import { keyringWord } from './keyring-question.ts'

/** What this process was started for: a command line, or one question to the keyring that another one asks. */
export const runProcess = async (process: NodeJS.Process): Promise<number> => {
  // each loads only what it needs: the question is on the way of every command whose tokens lie in the keyring
  if (process.argv[2] === keyringWord) return (await import('./answer-from-keyring.ts')).answerFromKeyring(process)
  return (await import('./run-line.ts')).runLine(process)
}
