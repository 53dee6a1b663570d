import { join } from 'node:path'

/** A check that is passed or failed as a whole: its name, and the commands that make it up. */
export interface Check {
  readonly name: string
  readonly commands: readonly (readonly string[])[]
}

/** The arrows between packages, and no cycle anywhere. */
const arrows = ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'apps', 'packages', 'temporal']

const tsc = (root: string): string => join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** What says, without running the product, whether the repository is in order. Cheapest first. */
export const checksOf = (root: string): readonly Check[] => {
  const bin = (...path: string[]): string => join(root, 'node_modules', ...path)
  return [
    { name: 'format', commands: [[bin('oxfmt', 'bin', 'oxfmt'), '--check']] },
    {
      name: 'lint',
      commands: [
        [bin('oxlint', 'bin', 'oxlint')],
        [bin('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'), ...arrows],
      ],
    },
    {
      name: 'types',
      commands: [
        [tsc(root), '--noEmit', '-p', 'tsconfig.json'],
        [tsc(root), '--noEmit', '-p', join('apps', 'web', 'tsconfig.json')],
      ],
    },
    { name: 'generated files', commands: [[join('scripts', 'generate.ts'), '--check']] },
  ]
}
