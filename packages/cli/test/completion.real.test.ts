import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtPrograms } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshConfigHome } from './run.ts'
import { startWireServer, type WireServer } from './wire-server.ts'

const { cli: bin } = await builtPrograms()

const page = (items: readonly unknown[]) => ({ output: { items, nextCursor: null } })
const lists: Readonly<Record<string, readonly unknown[]>> = {
  'user.list': [{ username: 'ada' }, { username: 'grace' }],
  'team.list': [{ name: 'sre' }],
  'apiToken.list': [{ id: 'token-1' }],
  'serviceAccount.list': [{ name: 'ci-deploy' }],
  'approval.list': [{ id: 'approval-1' }],
  'session.list': [{ id: 'session-1' }],
  'policy.history': [{ id: 'set-1' }],
  'authenticator.list': [
    { id: 'phone-1', kind: 'totp', confirmed: true },
    { id: 'key-1', kind: 'webauthn', confirmed: true },
    { id: 'new-1', kind: 'totp', confirmed: false },
  ],
}

let server: WireServer
let env: NodeJS.ProcessEnv
beforeAll(async () => {
  server = await startWireServer(({ name }) => page(lists[name] ?? []))
  const directory = freshConfigHome()
  mkdirSync(join(directory, 'bin'))
  writeFileSync(join(directory, 'bin', 'gatehouse'), `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`)
  chmodSync(join(directory, 'bin', 'gatehouse'), 0o755)
  env = {
    ...process.env,
    PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`,
    GATEHOUSE_URL: server.url,
    GATEHOUSE_TOKEN: 'token',
    GATEHOUSE_CONFIG_HOME: directory,
    TERM: 'dumb',
    HOME: directory,
  }
  // what a shell reads at its start, printed once for all cases
  const printed = await Promise.all(shells.map((name) => printedBy(bin, ['completion', name])))
  for (const [index, name] of shells.entries())
    writeFileSync(join(directory, `completion.${name}`), printed[index] ?? '')
})
afterAll(() => server.close())

const shells = ['bash', 'fish', 'zsh'] as const
const printedBy = (program: string, words: readonly string[]): Promise<string> =>
  new Promise((resolve) => execFile(program, words, { env }, (_, out, err) => resolve(out === '' ? err : out)))
const shell = (program: (typeof shells)[number], script: string): Promise<string> => printedBy(program, ['-c', script])
const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .toSorted()

/** What is typed before Tab, and what is offered. */
const cases = [
  ['gatehouse mfa we', ['webauthn']],
  ['gatehouse auth mfa ', ['enroll', 'verify']],
  ['gatehouse user get ', ['ada', 'grace']],
  ['gatehouse user create x --role Op', ['Operator']],
  ['gatehouse user create x --teams ', ['sre']],
  ['gatehouse role assign gr', ['grace']],
  ['gatehouse api-token revoke ', ['token-1']],
  ['gatehouse api-token create x --service-account ', ['ci-deploy']],
  ['gatehouse service-account disable ', ['ci-deploy']],
  ['gatehouse approval approve ', ['approval-1']],
  ['gatehouse auth revoke ', ['session-1']],
  ['gatehouse policy rollback ', ['set-1']],
  ['gatehouse mfa remove-device ', ['key-1', 'new-1', 'phone-1']],
  ['gatehouse totp confirm ', ['new-1']],
  ['gatehouse auth login --token-store ', ['file', 'keyring']],
] as const

const wordsOf = (line: string): readonly string[] => line.split(' ')

describe('bash', () => {
  test.each(cases)('offers after `%s` what fits', async (line, offered) => {
    const words = wordsOf(line)
      .map((word) => `'${word}'`)
      .join(' ')
    const script =
      `. $HOME/completion.bash; COMP_WORDS=(${words}); COMP_CWORD=${wordsOf(line).length - 1}; ` +
      `_gatehouse; printf '%s\\n' "\${COMPREPLY[@]}"`
    expect(lines(await shell('bash', script))).toEqual(offered)
  })
})

describe('fish', () => {
  test.each(cases)('offers after `%s` what fits', async (line, offered) => {
    expect(lines(await shell('fish', `source $HOME/completion.fish; complete -C "${line}"`))).toEqual(offered)
  })
})

/**
 * A zsh with its line editor, that finds the script on fpath: a line and Tab are typed, and what then stands there is
 * printed.
 */
const afterFirstTab = (typed: string): string => `
  mkdir -p $HOME/zfunc && gatehouse completion zsh > $HOME/zfunc/_gatehouse
  zmodload zsh/zpty
  zpty shell zsh -f -i
  wait_for() {
    repeat 200 {
      sleep 0.1
      while zpty -r -t shell part; do seen+=$part; done
      [[ $seen == *$1* ]] && return 0
    }
    return 1
  }
  zpty -w shell 'fpath=($HOME/zfunc $fpath); autoload -U compinit && compinit -u -D; PS1="rea""dy> "'
  wait_for 'ready>'
  seen=
  zpty -w -n shell $'${typed}\t'
  wait_for '${typed}e '
  print -r -- $seen
  zpty -d shell`

describe('zsh', () => {
  test('offers from fpath at the first Tab, which is also what loads the script', async () => {
    expect(await shell('zsh', afterFirstTab('gatehouse rol'))).toContain('gatehouse role ')
  })

  // without its line editor `compadd` cannot be called: it is stood in for by one that prints what it is given
  test.each(cases)('offers after `%s` what fits', async (line, offered) => {
    const words = wordsOf(line)
      .map((word) => `'${word}'`)
      .join(' ')
    const script =
      `compdef() { : }; compadd() { print -l -- \${(P)2} }; . $HOME/completion.zsh; ` +
      `words=(${words}); CURRENT=${wordsOf(line).length}; _gatehouse`
    const found = lines(await shell('zsh', script))
    expect(found.filter((candidate) => candidate.startsWith(wordsOf(line).at(-1) ?? ''))).toEqual(offered)
  })
})
