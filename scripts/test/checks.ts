import { join } from 'node:path'

/** A check: its name, and the program of Node's that makes it. */
export interface Check {
  readonly name: string
  readonly command: readonly string[]
}

/** The arrows between packages, and no cycle anywhere. */
const arrows = ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'apps', 'packages', 'temporal']

/** One thread: each further one works out most of the types anew, and checks run beside each other. */
const tsc = (root: string, project: string): readonly string[] => [
  join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
  '--noEmit',
  '--singleThreaded',
  '-p',
  project,
]

/** What says, without running the product, whether the repository is in order. What takes longest stands first. */
export const checksOf = (root: string): readonly Check[] => {
  const bin = (...path: string[]): string => join(root, 'node_modules', ...path)
  return [
    { name: 'types', command: tsc(root, 'tsconfig.json') },
    { name: 'types of the web application', command: tsc(root, join('apps', 'web', 'tsconfig.json')) },
    { name: 'generated files', command: [join('scripts', 'generate.ts'), '--check'] },
    { name: 'arrows', command: [bin('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'), ...arrows] },
    { name: 'lint', command: [bin('oxlint', 'bin', 'oxlint')] },
    { name: 'format', command: [bin('oxfmt', 'bin', 'oxfmt'), '--check'] },
  ]
}
