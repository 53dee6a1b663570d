// Our TOTP and another's: every code that oathtool makes is right for us, at its own step.
import { execFile } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { promisify } from 'node:util'
import { secret } from '@gatehouse/contract'
import { timeoutOf, volume } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { matchTotpStep, totpByDefault, totpSecretBytes, type TotpParameters } from '../src/proof/totp/totp-code.ts'

const run = promisify(execFile)

/** Each seed is asked about ten steps in a row: one process for ten comparisons. */
const seeds = volume({ sample: 60, full: 1000 })
const stepsPerSeed = 10

/** Processes at once: a start is mostly waiting. */
const width = 4

const algorithms = ['SHA1', 'SHA256', 'SHA512'] as const
const digitNumbers = [6, 8] as const

/** Up to the year 2106: steps beyond 2^31 are another width of integer for a careless implementation. */
const secondsMax = 2 ** 32

interface Question {
  readonly key: Buffer
  readonly firstStep: number
  readonly parameters: TotpParameters
}

test(
  `codes of random seeds, times, algorithms and lengths are what oathtool says`,
  { timeout: timeoutOf(120_000) },
  async () => {
    const questions = Array.from({ length: seeds }, (_, at) => questionOf(at))
    const compared = await Promise.all(
      Array.from({ length: width }, (_, lane) => compareAll(questions.filter((_question, at) => at % width === lane))),
    )
    expect(compared.reduce((sum, count) => sum + count, 0)).toBe(seeds * stepsPerSeed)
  },
)

/** All six kinds in turn; everything else by chance. */
function questionOf(at: number): Question {
  const algorithm = algorithms[at % algorithms.length] ?? 'SHA1'
  const digits = digitNumbers[Math.floor(at / algorithms.length) % digitNumbers.length] ?? 6
  return {
    key: randomBytes(totpSecretBytes[algorithm]),
    firstStep: Math.floor(randomInt(secondsMax) / totpByDefault.periodSeconds) + 1,
    parameters: { ...totpByDefault, algorithm, digits },
  }
}

async function compareAll(questions: readonly Question[]): Promise<number> {
  let compared = 0
  for (const question of questions) compared += await compare(question)
  return compared
}

async function compare(question: Question): Promise<number> {
  const { key, firstStep, parameters } = question
  // one more at each end: by chance a neighbour's code may be the same, and then either step is right
  const codes = await codesOf({ ...question, firstStep: firstStep - 1 }, stepsPerSeed + 2)
  for (let at = 1; at <= stepsPerSeed; at += 1) {
    const step = firstStep - 1 + at
    const code = codes[at] ?? ''
    const matched = await matchTotpStep(secret(code), {
      secret: key,
      now: new Date((step * totpByDefault.periodSeconds + randomInt(totpByDefault.periodSeconds)) * 1000),
      parameters,
    })
    expect(
      matched === null ? null : codes[matched - firstStep + 1],
      `${parameters.algorithm}, ${parameters.digits} digits, key ${key.toString('hex')}, step ${step}`,
    ).toBe(code)
    expect(Math.abs((matched ?? 0) - step)).toBeLessThanOrEqual(1)
  }
  return stepsPerSeed
}

async function codesOf({ key, firstStep, parameters }: Question, count: number): Promise<string[]> {
  const at = new Date(firstStep * totpByDefault.periodSeconds * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\..*/, ' UTC')
  const { stdout } = await run('oathtool', [
    `--totp=${parameters.algorithm}`,
    `--digits=${parameters.digits}`,
    `--window=${count - 1}`,
    `--now=${at}`,
    key.toString('hex'),
  ])
  const codes = stdout.trim().split('\n')
  expect(codes).toHaveLength(count)
  return codes
}
