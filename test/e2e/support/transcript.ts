import { homeOf, runCommandLine, type Ran } from './command-line.ts'

/** A command as a reader sees it, and as it is really run. */
export interface Step {
  /** Whose config home: each is a person at a machine of his own. */
  readonly who: string
  readonly words: readonly string[]
  readonly stdin?: string
  /** What is typed on standard input, in words. */
  readonly typed?: string
  readonly env?: NodeJS.ProcessEnv
  /** Left out of the page, as a reader would not see it. */
  readonly unseen?: true
}

interface Surroundings {
  readonly directory: string
  readonly env: NodeJS.ProcessEnv
  readonly base: string
}

/** Runs a command line of somebody at a machine of their own, whose lines are wide. */
export const runGatehouse = ({ directory, env }: Surroundings, { who, words, stdin, env: own }: Step): Promise<Ran> =>
  runCommandLine({
    words,
    env: { ...env, ...homeOf(directory, who), COLUMNS: '150', ...own },
    ...(stdin === undefined ? {} : { stdin }),
  })

/**
 * A page of commands and what they said. What differs from run to run (ids, times, secrets, the server's port) stands
 * there by a fixed text.
 */
export const transcript = (surroundings: Surroundings, title: string) => {
  const blocks: string[] = []
  const known = new Map<string, string>()
  const plain = (text: string): string => normalised(text, { surroundings, known })
  return {
    say: (text: string): void => void blocks.push(text),
    run: async (step: Step): Promise<Ran> => {
      const ran = await runGatehouse(surroundings, step)
      if (step.unseen === undefined) blocks.push(blockOf(step, ran, plain))
      return ran
    },
    add: (step: Pick<Step, 'who' | 'words' | 'typed'>, ran: Ran): void => void blocks.push(blockOf(step, ran, plain)),
    text: (): string =>
      [
        `# ${title}`,
        'A test runs these commands against a running system and compares (`test/e2e/cli-identity.test.ts`). ' +
          'Ids, times, codes and secrets stand for those of the day. What is said on standard error comes after ' +
          'what stands on standard output.',
        ...blocks,
        '',
      ].join('\n\n'),
  }
}

const blockOf = (
  { who, words, typed }: Pick<Step, 'who' | 'words' | 'typed'>,
  { code, out, err }: Ran,
  plain: (text: string) => string,
): string => {
  const prompt = [`${who}$ gatehouse`, ...words.map(quoted), ...(typed === undefined ? [] : ['<', typed])].join(' ')
  const said = `${out}${err}`.trimEnd()
  return [
    '```console',
    plain([prompt, ...(said === '' ? [] : [said]), ...(code === 0 ? [] : [`[exit ${code}]`])].join('\n')),
    '```',
  ].join('\n')
}

const quoted = (word: string): string => (/^[\w@./:=,+-]+$/.test(word) ? word : `'${word}'`)

interface Normalising {
  readonly surroundings: Surroundings
  readonly known: Map<string, string>
}

/** Same length as what they stand for where columns depend on it; columns are set again afterwards. */
const normalised = (text: string, { surroundings, known }: Normalising): string => {
  const id = (found: string): string => {
    known.set(found, known.get(found) ?? `00000000-0000-7000-8000-${String(known.size + 1).padStart(12, '0')}`)
    return known.get(found) ?? ''
  }
  const replaced = text
    .replaceAll(surroundings.base, 'http://localhost:8420')
    .replaceAll(surroundings.directory, '/home')
    .replace(/url-localhost_\d+-[0-9a-f]{12}/g, 'url-localhost_8420')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, id)
    .replace(/(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}(?:-7[0-9a-f]{0,3})?(?![\w-])/g, '00000000-0000')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, '2026-01-01 12:00:00 UTC')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-01-01T12:00:00.000Z')
    .replace(/\b20\d\d-\d\d-\d\d\b/g, '2026-01-01')
    .replace(/\b(now|\d+ s ago)\b/g, 'now')
    .replace(/gatehouse_(pat|svc)_\w{20,}/g, 'gatehouse_$1_…')
    .replace(/gatehouse_(pat|svc)_\w{4}\b/g, 'gatehouse_$1_abcd')
    .replace(/invite#[\w-]+/g, 'invite#…')
    .replace(/\b[B-Z]{4}-[B-Z]{4}\b/g, 'WDJB-MJHT')
    .replace(/\b([a-z2-9]{4}-){3,4}[a-z2-9]{4}\b/g, 'abcd-efgh-jkmn-pqrs')
    .replace(/^(key +).*$/gm, '$1JBSW Y3DP EHPK 3PXP …')
    .replace(/--totp \d+/g, '--totp 123456')
    .replace(/gatehouse on \S+/g, 'gatehouse on laptop')
    .replace(/(^.*[█▀▄].*\n)+/gm, '  (the code to scan is drawn here)\n')
    .replace(/\$2b\$\S+/g, '$2b$10$…')
  return realigned(replaced.split('\n')).join('\n')
}

/** Sets the columns of tables again: a head in capitals, and rows of as many cells. */
const realigned = (lines: readonly string[]): readonly string[] => {
  const cells = lines.map((line) => line.trimEnd().split(/ {2,}/))
  const out = [...lines]
  for (let at = 0; at < lines.length; at += 1) {
    const head = cells[at] ?? []
    if (head.length < 2 || !/^[A-Z][A-Z ]+$/.test(lines[at] ?? '')) continue
    let end = at + 1
    while (end < lines.length && cells[end]?.length === head.length) end += 1
    const widths = head.map((_, column) => Math.max(...cells.slice(at, end).map((row) => (row[column] ?? '').length)))
    for (let row = at; row < end; row += 1)
      out[row] = (cells[row] ?? [])
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
  }
  return out
}
