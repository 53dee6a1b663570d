import { readHosts, type HostsForm, type Raw, type Wire } from '@gatehouse/contract'
import { bytesOfFile, fileProblems, placedError } from './brought-file.ts'
import type { Cli } from './cli.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/** Registers the hosts of a file, all or none. What is wrong is said for every row before anything is sent. */
export const runSshHostImport = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true })])
  const name = textOf(values, 'file') ?? ''
  const file = { name, outcome: 'no host was registered' }
  const form: HostsForm = textOf(values, 'form') === 'inventory' ? 'inventory' : 'table'
  const read = readHosts(await bytesOfFile(cli, name), form, textOf(values, 'user'))
  if ('problems' in read) throw fileProblems(file, read.problems)
  const { workspace, sourceAddresses, dryRun } = values
  const given = { workspace, sourceAddresses, dryRun }
  const input = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    // each row was checked against the operation's own schema just now
    hosts: read.hosts.map(({ values: host }) => host) as Raw<'sshHost.import'>['hosts'],
  }
  const output = await (await cli.client()).call('sshHost.import', input).catch((error: unknown) => {
    throw placedError(error, file, read.hosts)
  })
  show(cli, output)
  return 0
}

const show = (cli: Cli, output: Wire<'sshHost.import'>): void => {
  if (cli.options.form === 'json') return showJson(cli, output)
  if (cli.options.quiet) return cli.terminal.out(output.hosts.map(({ id }) => `${printable(id ?? '')}\n`).join(''))
  cli.terminal.out(
    drawTable(
      {
        columns: ['name', 'address', 'port', 'hostKeyFingerprint', 'reachable', 'id'],
        rows: output.hosts.map(({ name, address, port, hostKeyFingerprint, reachable, id }) => [
          printable(name),
          printable(address),
          String(port),
          printable(hostKeyFingerprint),
          reachable ? 'yes' : 'no',
          printable(id ?? ''),
        ]),
      },
      cli.terminal,
    ),
  )
  cli.terminal.talk(
    output.registered === 0
      ? 'looked at and not registered; compare the fingerprints, then leave --dry-run out\n'
      : `${output.registered} registered; compare the fingerprints, then: gatehouse ssh-host setup --host NAME\n`,
  )
}
