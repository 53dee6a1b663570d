import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ageIdentities, ageKeys, ageRecipients, encryptNew, formatOf, recipientOf } from '@gatehouse/sops'
import { builtPrograms, leaksIn, sampleOf, watchWrites, whyUnwatched, type WatchedRun } from '@gatehouse/testkit'
import { generateX25519Identity } from 'age-encryption'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const root = mkdtempSync(join(tmpdir(), 'gatehouse-plain-'))
/** Values that stand nowhere else; the second is what an editor puts in the place of the first. */
const canaries = [1, 2].map(() => `canary-${randomBytes(12).toString('hex')}`)
const [canary = '', edited = ''] = canaries
let home: string
let identity: string
let program: string

const whyNot = await whyUnwatched()
if (whyNot !== null) process.stderr.write(`NOT WATCHED: that no plaintext reaches a disk was not tested: ${whyNot}\n`)

beforeAll(async () => {
  program = (await builtPrograms()).cli
  identity = await generateX25519Identity()
})
beforeEach(({ skip }) => {
  if (whyNot !== null) skip(whyNot)
  home = mkdtempSync(join(root, 'home-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A file that was encrypted elsewhere. */
const encrypted = async (name: string, content: string): Promise<string> => {
  const [key] = ageIdentities(identity)
  if (key === undefined) throw new TypeError('no identity')
  const groups = [ageRecipients(await recipientOf(key))]
  const format = formatOf(name)
  const now = new Date('2026-01-02T03:04:05Z')
  const bytes = await encryptNew(Buffer.from(content), { format, services: [ageKeys([])], groups, threshold: 1, now })
  writeFileSync(join(home, name), bytes)
  return name
}
const yaml = (): Promise<string> => encrypted('secrets.yaml', `db:\n    password: ${canary}\n    user: app\n`)

/** The command line as it is installed, with all that it starts, under the watch. */
const watched = (
  words: readonly string[],
  more: { env?: NodeJS.ProcessEnv; stdin?: string } = {},
): Promise<WatchedRun> =>
  watchWrites({
    command: process.execPath,
    args: [program, 'config', ...words],
    cwd: home,
    // everything that a program may choose by itself lies on the disk
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: home,
      SOPS_AGE_KEY: identity,
      XDG_CACHE_HOME: join(root, 'cache'),
      ...more.env,
    },
    ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
  })

/** Nothing was written to a disk, and nothing lies there now. */
const expectNoPlaintext = (run: WatchedRun): void => {
  expect([leaksIn(run, canaries), run.unseen]).toEqual([[], []])
  const left = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const files = new Map(left.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))]))
  expect(leaksIn({ files }, canaries)).toEqual([])
}

describe('plaintext reaches no disk (threat E4)', () => {
  test('in an edit, whatever the editor leaves beside the file; the one file that changes is encrypted', async () => {
    const editor = `sh -c 'cp "$0" "$0~"; sed -i s/${canary}/${edited}/ "$0"; cp "$0" "$0.swp"'`
    const run = await watched(['edit', await yaml()], { env: { EDITOR: editor } })
    expect(run).toMatchObject({ code: 0, err: 'secrets.yaml is encrypted again\n' })
    expectNoPlaintext(run)
    expect([...run.files.keys()].filter((path) => path.startsWith(home))).toEqual([
      expect.stringMatching(/secrets\.yaml\.[0-9a-f-]+\.tmp$/),
    ])
  })

  test('in an edit that cannot be read, or whose editor fails', async () => {
    for (const editor of [`sh -c 'echo "a: [ ${edited}" > "$0"'`, `sh -c 'echo ${edited} > "$0"; exit 3'`]) {
      const run = await watched(['edit', await yaml()], { env: { EDITOR: editor } })
      expect(run.code).toBe(1)
      expectNoPlaintext(run)
    }
  })

  test('when a command gets the values in its environment, or the file by a pipe', async () => {
    const name = await encrypted('prod.env', `PASSWORD=${canary}\n`)
    const byEnvironment = await watched(['exec-env', name, '--', 'sh', '-c', 'printf %s "$PASSWORD"'])
    const byPipe = await watched(['exec-file', name, '--', 'cat', '{}'])
    expect([byEnvironment.out, byPipe.out]).toEqual([canary, `PASSWORD=${canary}\n`])
    for (const run of [byEnvironment, byPipe]) expectNoPlaintext(run)
  })

  test.each([
    ['decrypt', ['decrypt', 'secrets.yaml'], canary],
    ['extract', ['extract', 'secrets.yaml', 'db.password'], canary],
    ['set', ['set', 'secrets.yaml', 'db.password', '--value-stdin'], ''],
    ['rotate', ['rotate', 'secrets.yaml'], ''],
    ['merge with a conflict', ['merge', 'secrets.yaml', 'ours.yaml', 'theirs.yaml'], ''],
  ])('in %s: values go to standard output and nowhere else', async (_name, words, said) => {
    await yaml()
    await encrypted('ours.yaml', `db:\n    password: ${edited}\n    user: app\n`)
    await encrypted('theirs.yaml', `db:\n    password: ${edited}-theirs\n    user: app\n`)
    const run = await watched(words, { stdin: edited })
    expect([run.code, run.out.includes(said)]).toEqual([words[0] === 'merge' ? 6 : 0, true])
    expect(run.err).not.toMatch(/canary/)
    expectNoPlaintext(run)
  })

  test('nor by a crash: while an editor runs, neither it nor what started it would leave a core file', async ({
    skip,
  }) => {
    const looks =
      'cat /proc/$PPID/limits /proc/self/limits > "$HOME/limits"; cat /proc/$PPID/smaps > "$HOME/smaps"; true'
    const name = await yaml()
    const run = await watched(['edit', name], { env: { EDITOR: looks } })
    expect(run.code).toBe(0)
    const limits = readFileSync(join(home, 'limits'), 'utf8').match(/^Max core file size +\S+/gm)
    expect(limits).toEqual([1, 2].map(() => expect.stringMatching(/ 0$/)))
    const swapped = readFileSync(join(home, 'smaps'), 'utf8').match(/^Swap: +[1-9].*$/gm)
    if (swapped !== null) skip('this machine has taken parts of the process out of its memory')
  })
})

describe('the watch finds a leak that was planted', () => {
  const plant = async (script: string): Promise<WatchedRun> =>
    watched(['exec-env', await encrypted('prod.env', `PASSWORD=${canary}\n`), '--', 'sh', '-c', script])

  const leaks: readonly (readonly [string, string])[] = [
    ['a file', 'echo "$PASSWORD" > leak'],
    ['a file that is gone again', 'echo "$PASSWORD" > leak; rm leak'],
    ['a file that was overwritten', 'echo "$PASSWORD" > leak; echo no > leak'],
    [
      'a file in parts',
      'printf %s "${PASSWORD%????????}" > leak; printf %s "${PASSWORD#"${PASSWORD%????????}"}" >> leak',
    ],
    ['Base64', 'printf "a%s" "$PASSWORD" | base64 --wrap=0 > leak'],
    ['hexadecimal', 'printf %s "$PASSWORD" | od -An -v -tx1 | tr -d " \\n" > leak'],
  ]
  test.each(sampleOf(leaks, 2))('in %s', async (_name, script) => {
    expect(leaksIn(await plant(script), canaries)).toEqual([join(home, 'leak')])
  })

  test('in a copy that the kernel makes, which shows no bytes', async () => {
    const { unseen } = await plant('echo "$PASSWORD" > leak; cp leak copy')
    expect(unseen).toContainEqual(expect.stringContaining(join(home, 'copy')))
  })

  test('beside an editor', async () => {
    const run = await watched(['edit', await yaml()], { env: { EDITOR: 'sh -c \'cp "$0" "$HOME/backup"\'' } })
    expect([...leaksIn(run, canaries), ...run.unseen].join()).toContain(join(home, 'backup'))
  })
})
