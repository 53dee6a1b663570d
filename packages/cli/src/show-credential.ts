import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { drawDetails } from './table.ts'
import { detailText } from './value-text.ts'

type Material = Wire<'lease.issue'>['material']

/** A credential with what has to be known of its lease. */
interface Shown {
  readonly lease: Pick<Wire<'lease.issue'>['lease'], 'id' | 'expiresAt'>
  readonly material: Material
}

/** Shows a credential once: all of it for people, what a program needs of it alone with `--quiet`. */
export function showCredential(cli: Cli, shown: Shown): void {
  const { terminal, options } = cli
  const { lease, material } = shown
  if (options.form === 'json') return showJson(cli, shown)
  if (options.quiet) return terminal.out(`${printable(inOneLine(material))}\n`)
  terminal.out(
    drawDetails(
      [
        ...partsOf(material).map(([name, value]): readonly [string, string] => [printable(name), printable(value)]),
        ['expires', detailText(lease.expiresAt, 'instant', cli.now())],
        ['lease', printable(lease.id)],
      ],
      terminal,
    ),
  )
  terminal.talk('this secret is shown once; keep it now\n')
}

/** What there is of a credential beside its kind, by name. */
function partsOf({ kind: _, fields, authority: __, ...own }: Material): [string, string][] {
  const parts = Object.entries(own).flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, String(value)]],
  )
  const others = fields.filter(({ name }) => own[name as keyof typeof own] === undefined) // any name, by its engine
  return [...parts, ...others.map(({ name, value }): [string, string] => [name, value])]
}

const inOneLine = (material: Material): string =>
  material.url ?? material.token ?? JSON.stringify(Object.fromEntries(partsOf(material)))
