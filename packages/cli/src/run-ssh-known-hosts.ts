import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import type { Client } from './client.ts'
import { showJson } from './show-output.ts'
import { checkedName, formerKeysOf, hostCaKey, vouchedLines } from './ssh-voucher.ts'

type Host = Wire<'sshHost.get'>

/** As many as a list gives at once. */
const pageSize = 200

/** So many hosts nobody keeps in one file. */
const pagesMax = 50

/**
 * Prints lines for `known_hosts`: each says that the host CA may vouch for the names of one host, and for no others.
 * With them a client knows hosts that it has not seen, and goes on knowing them when their keys change.
 */
export const runSshKnownHosts = async (cli: Cli): Promise<number> => {
  const client = await cli.client()
  const [key, hosts] = await Promise.all([hostCaKey(client), certifiedHosts(client)])
  const lines = hosts.flatMap((host) =>
    vouchedLines(patternsOf(host).join(','), { caKey: key, formerKeys: formerKeysOf(host) }),
  )
  if (cli.options.form === 'json') showJson(cli, { knownHosts: lines })
  else for (const line of lines) cli.terminal.out(`${line}\n`)
  if (lines.length === 0)
    cli.terminal.talk('no host that you see has a certificate · next: gatehouse ssh-host-certificate sign HOST\n')
  return 0
}

async function certifiedHosts(client: Client): Promise<readonly Host[]> {
  const hosts: Host[] = []
  let after: string | null = null
  for (let page = 0; page < pagesMax; page += 1) {
    const answer: Wire<'sshHost.list'> = await client.call('sshHost.list', {
      first: pageSize,
      ...(after === null ? {} : { after }),
    })
    hosts.push(...answer.items.filter(({ certifiedNames }) => certifiedNames !== null))
    after = answer.nextCursor
    if (after === null) break
  }
  return hosts
}

/** ssh looks for a port that is not the usual one in its own form. */
const patternsOf = ({ certifiedNames, port }: Host): readonly string[] =>
  (certifiedNames ?? []).map(checkedName).flatMap((name) => (port === 22 ? [name] : [name, `[${name}]:${port}`]))
