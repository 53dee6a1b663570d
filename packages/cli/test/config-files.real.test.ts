import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ageIdentities, recipientOf } from '@gatehouse/sops'
import { generateX25519Identity } from 'age-encryption'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { run } from './run.ts'

const bin = join(import.meta.dirname, '..', 'bin', 'gatehouse.js')
const root = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))
let home: string
let [mine, theirs]: readonly string[] = []
const identities: string[] = []
beforeAll(async () => {
  identities.push(await generateX25519Identity(), await generateX25519Identity())
  ;[mine, theirs] = await Promise.all(ageIdentities(identities.join('\n')).map(recipientOf))
})
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** No two commands run in one second, however fast the machine is. */
let minute = Date.parse('2026-01-01T00:00:00Z')
const nextMinute = (): Date => new Date((minute += 60_000))

interface Done {
  readonly code: number | null
  readonly out: string
  readonly talk: string
}

interface Surroundings {
  readonly env?: NodeJS.ProcessEnv
  readonly stdin?: string | Buffer
}

/** In this process, as all of the other tests; what starts a command writes past it. */
const gatehouse = async (words: readonly string[], { env = {}, stdin }: Surroundings = {}): Promise<Done> => {
  const whole = {
    PATH: process.env['PATH'],
    HOME: home,
    SOPS_AGE_KEY: identities[0],
    GATEHOUSE_URL: 'http://127.0.0.1:9',
    ...env,
  }
  if (words.includes('--')) return spawned(words, whole)
  const given = whole as Record<string, string> // none is unset
  const { code, out, talk } = await run(words, { cwd: home, env: given, stdin, now: nextMinute() })
  return { code, out, talk }
}

const spawned = async (words: readonly string[], env: NodeJS.ProcessEnv): Promise<Done> => {
  const child = spawn(process.execPath, [bin, ...words], {
    cwd: home,
    env: { ...env, XDG_CACHE_HOME: join(root, 'cache') },
  })
  const written = { out: '', talk: '' }
  child.stdout.on('data', (chunk: Buffer) => (written.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (written.talk += chunk.toString()))
  child.stdin.end()
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...written }
}

const put = (name: string, content: string | Buffer): string => {
  writeFileSync(join(home, name), content)
  return name
}
const get = (name: string): string => readFileSync(join(home, name), 'utf8')
const rule = (...recipients: readonly (string | undefined)[]): void =>
  void put('.sops.yaml', `creation_rules:\n  - path_regex: .*\n    age: ${recipients.join(',')}\n`)
const secret = 'db:\n    # the password\n    password: hunter2\n    port: 5432\n'

const encrypted = async (name = 'secrets.yaml', content = secret): Promise<string> => {
  put(name, content)
  expect(await gatehouse(['config', 'encrypt', name, '--age', mine ?? '', '--in-place'])).toMatchObject({ code: 0 })
  return name
}

describe('with no server anywhere', () => {
  test('a file is encrypted in its place, keeps its permissions, and decrypts to standard output', async () => {
    put('secrets.yaml', secret)
    chmodSync(join(home, 'secrets.yaml'), 0o640)
    await gatehouse(['config', 'encrypt', 'secrets.yaml', '--age', mine ?? '', '--in-place'])
    expect(get('secrets.yaml')).not.toContain('hunter2')
    expect(statSync(join(home, 'secrets.yaml')).mode & 0o777).toBe(0o640)
    expect(await gatehouse(['config', 'decrypt', 'secrets.yaml'])).toEqual({ code: 0, out: secret, talk: '' })
    expect(readdirSync(home)).toEqual(['secrets.yaml'])
  })

  test('a file that is written anew belongs to whom it belonged', async () => {
    const name = await encrypted()
    const other = process.getuid?.() === 0 ? 4711 : (process.getuid?.() ?? 0) // root alone can give a file away
    chownSync(join(home, name), other, other)
    expect(await gatehouse(['config', 'set', name, 'db.port', '1'])).toMatchObject({ code: 0 })
    const { uid, gid } = statSync(join(home, name))
    expect([uid, gid]).toEqual([other, other])
  })

  test('without --in-place it goes to standard output, with --output to a file, and the original stays', async () => {
    put('secrets.yaml', secret)
    const { out } = await gatehouse(['config', 'encrypt', 'secrets.yaml', '--age', mine ?? ''])
    expect(out).toContain('password: ENC[')
    await gatehouse(['config', 'encrypt', 'secrets.yaml', '--age', mine ?? '', '--output', 'other.yaml'])
    expect([get('secrets.yaml'), get('other.yaml').includes('ENC[')]).toEqual([secret, true])
  })

  test('a value is set, extracted and taken out; nothing else changes', async () => {
    const name = await encrypted()
    const before = get(name).split('\n')
    await gatehouse(['config', 'set', name, 'db.password', '--value-stdin'], { stdin: 'hunter3\n' })
    expect(await gatehouse(['config', 'extract', name, '["db"]["password"]'])).toMatchObject({
      code: 0,
      out: 'hunter3',
    })
    const changed = get(name)
      .split('\n')
      .filter((line) => !before.includes(line))
      .map((line) => line.trim().split(':')[0])
    expect(changed).toEqual(['password', 'lastmodified', 'mac'])
    expect(await gatehouse(['config', 'set', name, 'db.port', '-1'])).toMatchObject({ code: 0 })
    expect(await gatehouse(['config', 'extract', name, 'db.port'])).toMatchObject({ code: 0, out: '-1' })
    expect(await gatehouse(['config', 'set', name, 'db.password', '--remove'])).toMatchObject({ code: 0 })
    expect(await gatehouse(['config', 'extract', name, 'db.password'])).toMatchObject({ code: 5 })
  })

  // What is kept would be another value than the one that was given, and nobody would know
  test('a value that is no text, or longer than what is read, is refused and changes nothing', async () => {
    const name = await encrypted()
    const before = get(name)
    for (const [stdin, said] of [
      [Buffer.from([0xff, 0xfe, 0x41]), 'base64'],
      [Buffer.alloc(1024 * 1024 + 1, 'a'), 'at most 1 MiB'],
    ] as const) {
      const set = ['config', 'set', name, 'db.password', '--value-stdin']
      expect(await gatehouse(set, { stdin })).toMatchObject({ code: 2, talk: expect.stringContaining(said) })
    }
    expect(get(name)).toBe(before)
    expect(
      await gatehouse(['config', 'set', name, 'db.password', '--value-stdin'], {
        stdin: Buffer.alloc(1024 * 1024, 'a'),
      }),
    ).toMatchObject({ code: 0 })
  })

  // What is written is read again first: nobody could open these files any more
  test.each([
    ['s.yaml', 'a: 1\n', ['sops', 'sops.mac', '["sops"]["age"][0]']],
    ['s.json', '{"a":1}', ['sops']],
    ['s.env', 'A=1\n', ['A=B', '#X', 'sops_mac', '["A\nB"]']],
    ['s.ini', '[a]\nb=1\n', ['["sops"]["mac"]', '["a"]["x\ny"]']],
  ] as const)(
    'a key that a file such as %s cannot hold is refused, and changes nothing',
    async (name, content, paths) => {
      const before = get(await encrypted(name, content))
      for (const path of paths)
        expect([path, await gatehouse(['config', 'set', name, path, 'v'])]).toMatchObject([path, { code: 2 }])
      expect(get(name)).toBe(before)
      if (name.endsWith('.env') || name.endsWith('.ini')) {
        const nothing = ['config', 'set', name, name.endsWith('.env') ? 'A' : 'a.b', 'null']
        expect(await gatehouse(nothing)).toMatchObject({
          code: 2,
          talk: expect.stringContaining('nothing was changed'),
        })
        expect(await gatehouse([...nothing, '--text'])).toMatchObject({ code: 0 })
      }
      expect(await gatehouse(['config', 'decrypt', name])).toMatchObject({ code: 0 })
    },
  )

  test('a value of other bytes is extracted as it is, and as base64 in JSON', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x41])
    writeFileSync(join(home, 'key.bin'), bytes)
    await gatehouse(['config', 'encrypt', 'key.bin', '--age', mine ?? '', '--in-place'])
    const { out } = await gatehouse(['config', 'extract', 'key.bin', 'data', '--json'])
    expect(JSON.parse(out)).toEqual({ file: 'key.bin', value: undefined, valueBase64: bytes.toString('base64') })
  })

  test('an edit is made in memory by the editor, and the file is encrypted again', async () => {
    const name = await encrypted()
    const place = join(home, 'place')
    const looks = `{ echo "$0"; stat -c %a "$0"; stat -f -c %T "$0"; } > ${place}`
    const EDITOR = `sh -c '${looks}; sed -i s/hunter2/hunter4/ "$0"'`
    expect(await gatehouse(['config', 'edit', name], { env: { EDITOR } })).toMatchObject({ code: 0 })
    const [path = '', mode, type] = readFileSync(place, 'utf8').split('\n')
    expect([mode, type, existsSync(join(path, '..'))]).toEqual(['600', 'tmpfs', false])
    expect((await gatehouse(['config', 'decrypt', name])).out).toBe(secret.replace('hunter2', 'hunter4'))
  })

  test('an edit that cannot be read, or whose editor fails, changes nothing', async () => {
    const name = await encrypted()
    const before = get(name)
    expect(await gatehouse(['config', 'edit', name], { env: { EDITOR: `sh -c 'echo "a: [" > "$0"'` } })).toMatchObject({
      code: 1,
    })
    expect(await gatehouse(['config', 'edit', name], { env: { EDITOR: 'false' } })).toMatchObject({ code: 1 })
    expect(await gatehouse(['config', 'edit', name], { env: { EDITOR: 'true' } })).toMatchObject({
      code: 0,
      talk: expect.stringContaining('not changed'),
    })
    expect(get(name)).toBe(before)
  })

  test('what could not be written in its place is refused before anybody edits it', async () => {
    const name = await encrypted()
    symlinkSync(name, join(home, 'link.yaml'))
    const EDITOR = `sh -c 'touch ${home}/edited'`
    expect(await gatehouse(['config', 'edit', 'link.yaml'], { env: { EDITOR } })).toMatchObject({
      code: 1,
      talk: expect.stringContaining('name the file that it leads to'),
    })
    expect(existsSync(join(home, 'edited'))).toBe(false)
  })

  test('an edit of what somebody else changed meanwhile leaves theirs, and is kept beside it, encrypted', async () => {
    const name = await encrypted()
    const others = await encrypted('others.yaml', secret.replace('hunter2', 'hunter5'))
    const theirs = get(others)
    const EDITOR = `sh -c 'sed -i s/hunter2/hunter4/ "$0"; mv ${others} ${name}'`
    const edit = await gatehouse(['config', 'edit', name], { env: { EDITOR } })
    expect(edit).toMatchObject({ code: 1, talk: expect.stringContaining('changed by somebody else') })
    expect(get(name)).toBe(theirs)
    const [, aside = ''] = /config decrypt (\S+) --type yaml/.exec(edit.talk) ?? []
    expect(get(aside)).not.toContain('hunter4')
    expect(statSync(join(home, aside)).mode & 0o777).toBe(0o600)
    expect((await gatehouse(['config', 'decrypt', aside, '--type', 'yaml'])).out).toBe(
      secret.replace('hunter2', 'hunter4'),
    )
    const left = readdirSync(home).filter((one) => one.startsWith(name))
    expect(left.toSorted()).toEqual([name, aside].toSorted())
  })

  // The key of a file is read when the file itself has been: a pipe in its place says when that is
  test.each([
    ['set', (name: string) => ['config', 'set', name, 'db.port', '1']],
    ['rotate', (name: string) => ['config', 'rotate', name]],
  ] as const)('%s of what somebody else changed meanwhile leaves theirs', async (_verb, words) => {
    const name = await encrypted()
    const others = get(await encrypted('others.yaml', secret.replace('hunter2', 'hunter5')))
    const pipe = join(home, 'keys.txt')
    execFileSync('mkfifo', [pipe])
    const running = gatehouse(words(name), { env: { SOPS_AGE_KEY: '', SOPS_AGE_KEY_FILE: pipe } })
    const key = await open(pipe, 'w') // waits for a reader
    put(name, others)
    await key.writeFile(`${identities[0]}\n`)
    await key.close()
    expect(await running).toMatchObject({ code: 6, talk: expect.stringContaining('changed by somebody else') })
    expect(get(name)).toBe(others)
    expect(readdirSync(home).filter((one) => one.startsWith(`${name}.`))).toEqual([])
  })

  test('a command gets the values in its environment, and not the key that opened them', async () => {
    const name = await encrypted('prod.env', 'TOKEN=a b\nEMPTY=\n')
    const line = ['config', 'exec-env', name, '--', 'sh', '-c', 'echo "$TOKEN|$EMPTY|$SOPS_AGE_KEY"; exit 7']
    expect(await gatehouse(line)).toMatchObject({ code: 7, out: 'a b||\n' })
    expect(await gatehouse(['config', 'exec-env', await encrypted(), '--', 'true'])).toMatchObject({ code: 2 })
  })

  // Threat E5; and stock sops #618: of a value of several lines the command got one
  test('a command gets values of several lines whole; what no variable holds is refused in silence', async () => {
    const lines = await encrypted('lines.env', 'KEY=one\\ntwo\\n\n')
    const print = ['--', 'sh', '-c', 'printf %s "$KEY" | od -An -c']
    expect((await gatehouse(['config', 'exec-env', lines, ...print])).out.replaceAll(/\s+/g, ' ')).toBe(
      String.raw` o n e \n t w o \n `,
    )
    const canary = 'b4ttery-st4ple'
    const holds = await encrypted('holds.yaml', `KEY: "${canary}\\0${canary}"\n`)
    const long = await encrypted('long.yaml', `KEY: "${canary.repeat(20_000)}"\n`)
    for (const [name, code, said] of [
      [holds, 2, 'NUL'],
      [long, 1, 'too large'],
    ] as const) {
      const done = await gatehouse(['config', 'exec-env', name, ...print])
      expect(done).toMatchObject({ code, out: '', talk: expect.stringContaining(said) })
      expect(done.talk).not.toContain(canary)
    }
  })

  test('a command reads the file from a pipe, whether it reads all, something or nothing of it', async () => {
    const name = await encrypted()
    const through = (script: string) => gatehouse(['config', 'exec-file', name, '--', 'sh', '-c', script, 'sh', '{}'])
    expect(await through('stat -c %F "$1"; cat "$1"')).toMatchObject({ code: 0, out: `fifo\n${secret}` })
    expect(await through('head -c 3 "$1"')).toMatchObject({ code: 0, out: 'db:' })
    expect(await through('exit 3')).toMatchObject({ code: 3, out: '' })
    // as many programs do: once to look, once to read, and again in a child
    expect(await through('cat "$1"; head -c 1 "$1" > /dev/null; cat "$1"')).toMatchObject({
      code: 0,
      out: secret + secret,
    })
  })

  // A file of a stranger's repository is named by a stranger
  test('no name of a file steers a terminal', async () => {
    const name = await encrypted('a\u001b[31m\nb.yaml')
    for (const words of [
      ['set', name, 'db.port', '1'],
      ['rotate', name],
      ['info', name],
      ['edit', name],
      ['validate', '.'],
    ]) {
      const { out, talk } = await gatehouse(['config', ...words], { env: { EDITOR: 'true' } })
      expect([words[0], out + talk]).toEqual([words[0], expect.not.stringContaining('\u001b')])
    }
    const inPlace = ['config', 'encrypt', put('c\u001b[31m.yaml', secret), '--age', mine ?? '', '--in-place']
    expect((await gatehouse(inPlace)).talk).toContain('encrypted: ')
    expect((await gatehouse(['config', 'decrypt', 'd\u001b[31m.yaml'])).talk).not.toContain('\u001b')
  })

  test('it says whether a file is encrypted, for whom and since when', async () => {
    const name = await encrypted()
    put('plain.yaml', secret)
    expect(await gatehouse(['config', 'is-encrypted', name])).toMatchObject({ code: 0 })
    expect(await gatehouse(['config', 'is-encrypted', 'plain.yaml', '--json'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('false'),
    })
    const { out } = await gatehouse(['config', 'info', name, '--json'], { env: { SOPS_AGE_KEY: '' } })
    expect(JSON.parse(out)).toMatchObject({
      groups: [[{ type: 'age', key: mine }]],
      selector: { name: 'unencrypted_suffix' },
    })
  })

  test('rules say for whom; encrypt-all, validate and update-keys go by them', async () => {
    rule(mine, theirs)
    mkdirSync(join(home, 'conf'))
    put('conf/a.yaml', secret)
    put('conf/b.json', '{"a":1}')
    expect(await gatehouse(['config', 'validate', 'conf', '--json'])).toMatchObject({ code: 1 })
    expect(JSON.parse((await gatehouse(['config', 'encrypt-all', 'conf', '--json'])).out)).toEqual({
      dryRun: false,
      files: ['conf/a.yaml', 'conf/b.json'],
      left: [],
    })
    expect(await gatehouse(['config', 'validate', 'conf'])).toMatchObject({ code: 0 })
    rule(mine)
    const { findings } = JSON.parse((await gatehouse(['config', 'validate', 'conf', '--json'])).out)
    expect(findings).toMatchObject([{ file: 'conf/a.yaml', kind: 'extra-recipient' }, { kind: 'extra-recipient' }])
    const before = get('conf/a.yaml')
    const planned = JSON.parse((await gatehouse(['config', 'update-keys', 'conf', '--dry-run', '--json'])).out)
    expect(planned.files[0]).toEqual({ file: 'conf/a.yaml', added: [], removed: [`age ${theirs}`], newDataKey: true })
    expect(get('conf/a.yaml')).toBe(before)
    expect(await gatehouse(['config', 'update-keys', 'conf'])).toMatchObject({
      code: 0,
      talk: expect.stringContaining('in git'),
    })
    expect(
      await gatehouse(['config', 'decrypt', 'conf/a.yaml'], { env: { SOPS_AGE_KEY: identities[1] } }),
    ).toMatchObject({ code: 1 })
    expect(await gatehouse(['config', 'decrypt', 'conf/a.yaml'])).toMatchObject({ code: 0, out: secret })
  })

  test('a file that no rule is for keeps no other from its new keys; with no rules at all it is refused', async () => {
    mkdirSync(join(home, 'conf'))
    for (const name of ['conf/a.yaml', 'conf/b.yaml']) await encrypted(name)
    expect(await gatehouse(['config', 'update-keys', 'conf'])).toMatchObject({
      code: 1,
      talk: expect.stringContaining('no .sops.yaml'),
    })
    put('.sops.yaml', `creation_rules:\n  - path_regex: b\\.yaml\n    age: ${mine},${theirs}\n`)
    expect(await gatehouse(['config', 'update-keys', 'conf'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('conf/b.yaml'),
      talk: expect.stringContaining('conf/a.yaml is left as it is'),
    })
    expect(
      await gatehouse(['config', 'decrypt', 'conf/b.yaml'], { env: { SOPS_AGE_KEY: identities[1] } }),
    ).toMatchObject({ code: 0 })
  })

  test('rotation changes every ciphertext and no value', async () => {
    const name = await encrypted()
    const before = get(name)
    expect(await gatehouse(['config', 'rotate', name])).toMatchObject({ code: 0 })
    const same = get(name)
      .split('\n')
      .filter((line) => line.includes('ENC[') && before.includes(line))
    expect(same).toEqual([])
    expect((await gatehouse(['config', 'decrypt', name])).out).toBe(secret)
  })

  test('two versions are merged by their values; where both changed one, nothing is written', async () => {
    for (const name of ['base.yaml', 'ours.yaml', 'theirs.yaml']) put(name, '')
    const base = get(await encrypted('base.yaml', 'a: 1\nb: 2\nc: 3\n'))
    const version = async (name: string, ...sets: readonly (readonly [string, string])[]): Promise<void> => {
      put(name, base)
      for (const [path, value] of sets) await gatehouse(['config', 'set', name, path, value])
    }
    await version('ours.yaml', ['a', '10'])
    await version('theirs.yaml', ['b', '20'], ['d', 'new'])
    expect(await gatehouse(['config', 'merge', 'base.yaml', 'ours.yaml', 'theirs.yaml'])).toMatchObject({ code: 0 })
    expect((await gatehouse(['config', 'decrypt', 'ours.yaml'])).out).toBe('a: 10\nb: 20\nc: 3\nd: new\n')
    await version('ours.yaml', ['a', '10'])
    await version('theirs.yaml', ['a', '11'])
    const before = get('ours.yaml')
    expect(await gatehouse(['config', 'merge', 'base.yaml', 'ours.yaml', 'theirs.yaml'])).toMatchObject({
      code: 6,
      talk: expect.stringContaining('both versions change a'),
    })
    expect(get('ours.yaml')).toBe(before)
  })

  test('a file that is no document keeps no other of a tree in clear; an empty one is no business', async () => {
    rule(mine)
    for (const [name, content] of Object.entries({
      'a.json': '[1]',
      'b.yaml': secret,
      'c.yaml': '# a\n',
      'd.json': ' ',
    }))
      put(name, content)
    const left = [
      { file: 'a.json', message: expect.stringContaining('has to be an object') },
      { file: 'c.yaml', message: 'the file holds no value' },
    ]
    for (const words of [['--dry-run'], []]) {
      const { code, out, talk } = await gatehouse(['config', 'encrypt-all', '.', '--json', ...words])
      expect([code, JSON.parse(out)]).toEqual([1, { dryRun: words.length > 0, files: ['b.yaml'], left }])
      expect(talk).toMatch(/^a\.json is left as it is: .*\nc\.yaml is left/)
    }
    expect(get('b.yaml')).not.toContain('hunter2')
    const { findings } = JSON.parse((await gatehouse(['config', 'validate', '.', '--json'])).out)
    expect(findings).toMatchObject([{ file: 'a.json' }, { file: 'c.yaml' }])
  })

  test('a tree has more files than a process may hold open', async () => {
    rule(mine)
    for (let number = 0; number < 1500; number += 1) put(`${number}.yaml`, '')
    const limited = `ulimit -n 512; exec ${process.execPath} ${bin} config validate . --json`
    const out = execFileSync('sh', ['-c', limited], { cwd: home, env: { HOME: home }, encoding: 'utf8' })
    expect(JSON.parse(out)).toEqual({ ok: true, files: 1500, findings: [] })
  })

  test('the first steps: a rule file, a key that only its owner reads, and never a second time', async () => {
    const env = { SOPS_AGE_KEY: '' }
    expect(await gatehouse(['config', 'init-encryption'], { env })).toMatchObject({ code: 0 })
    const keys = join(home, '.config', 'sops', 'age', 'keys.txt')
    expect(lstatSync(keys).mode & 0o777).toBe(0o600)
    put('a.yaml', secret)
    expect(await gatehouse(['config', 'encrypt-all', '.'], { env })).toMatchObject({ code: 0 })
    expect((await gatehouse(['config', 'decrypt', 'a.yaml'], { env })).out).toBe(secret)
    expect(await gatehouse(['config', 'init-encryption'], { env })).toMatchObject({ code: 6 })
  })
})

test('secrets in clear are found by file and line; what is encrypted, a reference or allowed is none', async () => {
  await encrypted()
  put('app.yaml', `a: 1\npassword: hunter2hunter\ntoken: \${TOKEN}\nkey: AKIA${'IOSFODNN7'}QWERTYU\n`)
  put(
    'key.txt',
    `-----BEGIN ${'RSA'} PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA'.repeat(8)}\n-----END RSA PRIVATE KEY-----\n`,
  )
  const { code, out } = await gatehouse(['config', 'scan', '.', '--json'])
  const { findings } = JSON.parse(out) as { findings: readonly { file: string; line: number; rule: string }[] }
  expect([code, findings.map(({ file, line }) => `${file}:${line}`)]).toEqual([
    1,
    ['app.yaml:2', 'app.yaml:4', 'key.txt:1'],
  ])
  expect(out).not.toContain('hunter2hunter')
  put('allow.txt', 'app.yaml\nkey.txt\n')
  expect(await gatehouse(['config', 'scan', '.', '--allow', 'allow.txt'])).toMatchObject({ code: 0 })
  put('of the app.yaml', get('app.yaml'))
  expect(JSON.parse((await gatehouse(['config', 'scan', 'of the app.yaml', '--sarif'])).out)).toMatchObject({
    version: '2.1.0',
    runs: [
      { results: [{ locations: [{ physicalLocation: { artifactLocation: { uri: 'of%20the%20app.yaml' } } }] }, {}] },
    ],
  })
})

test('a file in UTF-16 is searched as well, whether it says so or not', async () => {
  const plain = 'a: 1\npassword: hunter2hunter\n'
  const utf16 = Buffer.from(plain, 'utf16le')
  put('powershell.yaml', Buffer.from(`\ufeff${plain}`, 'utf16le'))
  put('unmarked.yaml', utf16)
  put('other-end.yaml', Buffer.from(utf16).swap16())
  put('picture.png', Buffer.concat([Buffer.from('password: hunter2hunter\n'), Buffer.from([0])]))
  const { code, out } = await gatehouse(['config', 'scan', '.', '--json'])
  const { findings, ...others } = JSON.parse(out) as { findings: readonly { file: string; line: number }[] }
  expect([code, findings.map(({ file, line }) => `${file}:${line}`)]).toEqual([
    1,
    ['other-end.yaml:2', 'powershell.yaml:2', 'unmarked.yaml:2'],
  ])
  expect(others).toEqual({ searched: 3, unread: [], notText: ['picture.png'] })
})

test('what is no text is not counted as searched, and is named, a few of many', async () => {
  put('app.yaml', 'a: 1\n')
  for (const name of 'abcdefg') put(`${name}.png`, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]))
  expect(await gatehouse(['config', 'scan', '.'])).toEqual({
    code: 0,
    out: '',
    talk: [
      'no secrets in clear in 1 file',
      'not searched, since no text: a.png, b.png, c.png, d.png, e.png and 2 more',
      '',
    ].join('\n'),
  })
})

test('a file that is longer than what is read keeps no other from being searched, and is named', async () => {
  truncateSync(join(home, put('dump.sql', '')), 32 * 1024 * 1024 + 1)
  put('app.yaml', 'password: hunter2hunter\n')
  const scan = await gatehouse(['config', 'scan', '.', '--json'])
  expect(JSON.parse(scan.out)).toMatchObject({ findings: [{ file: 'app.yaml' }], unread: ['dump.sql'] })
  expect(scan).toMatchObject({ code: 1, talk: expect.stringContaining('not searched') })
  rmSync(join(home, 'app.yaml'))
  expect(await gatehouse(['config', 'scan', '.'])).toMatchObject({
    code: 0,
    talk: expect.stringMatching(/in 0 files\n.*dump\.sql/),
  })
})

test('what has no end and no length is read no further than a file may be long', async () => {
  const { rss } = process.memoryUsage()
  expect(await gatehouse(['config', 'encrypt', '/dev/zero', '--age', mine ?? ''])).toMatchObject({
    code: 2,
    talk: expect.stringContaining('larger than 32 MiB'),
  })
  expect(process.memoryUsage().rss - rss).toBeLessThan(200 * 1024 * 1024)
})

describe('in a repository', () => {
  const guide = join(import.meta.dirname, '../../../docs/guides/keep-configuration-in-git.md')
  /** Nobody's settings but the test's. */
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...words], {
      cwd: home,
      env: { PATH: `${home}/bin:${process.env['PATH']}`, HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const clear = 'a: 1\npassword: hunter2hunter\n'
  beforeEach(() => {
    git('init', '--quiet', '--initial-branch=main')
    put('app.yaml', 'a: 1\n')
    git('add', 'app.yaml')
    git('commit', '--quiet', '-m', 'one')
  })

  test('the hook of the guide refuses a commit with a secret in clear, whatever lies in the directory', () => {
    const [hook = ''] = /#!\/bin\/sh\n[^`]*/.exec(readFileSync(guide, 'utf8')) ?? []
    expect(hook).toContain('gatehouse config scan')
    mkdirSync(join(home, 'bin'))
    writeFileSync(join(home, 'bin/gatehouse'), `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`, { mode: 0o755 })
    writeFileSync(join(home, '.git/hooks/pre-commit'), hook, { mode: 0o755 })
    put('app.yaml', clear)
    git('add', 'app.yaml')
    put('app.yaml', 'a: 1\n')
    expect(() => git('commit', '-m', 'two')).toThrow(/app\.yaml +2 +secret-assignment/)
    git('add', 'app.yaml')
    put('app.yaml', clear)
    put('b.yaml', 'b: 1\n')
    git('add', 'b.yaml')
    git('commit', '--quiet', '-m', 'two')
    expect(git('show', '--format=', '--name-only', 'HEAD')).toBe('b.yaml\n')
  })

  test('a range is searched for what a later commit took away, and not for what was there before', async () => {
    put('old.yaml', clear)
    git('add', 'old.yaml')
    git('commit', '--quiet', '-m', 'before')
    git('tag', 'before')
    mkdirSync(join(home, 'a b'))
    put('a b/new.yaml', `# new\n${clear}`)
    git('add', '.')
    git('commit', '--quiet', '-m', 'brings it')
    git('rm', '--quiet', 'a b/new.yaml')
    git('commit', '--quiet', '-m', 'takes it away')
    const { code, out } = await gatehouse(['config', 'scan', '--range', 'before..HEAD', '--json'])
    const { findings } = JSON.parse(out) as { findings: readonly { object: string }[] }
    expect([code, findings]).toEqual([
      1,
      [{ file: 'a b/new.yaml', line: 3, rule: 'secret-assignment', object: expect.stringMatching(/^[0-9a-f]{40}$/) }],
    ])
    expect(git('cat-file', 'blob', findings[0]?.object ?? '')).toBe(`# new\n${clear}`)
    expect(await gatehouse(['config', 'scan', '--range', 'HEAD..HEAD'])).toMatchObject({ code: 0 })
    expect(await gatehouse(['config', 'scan', '--range', 'HEAD~3..before'])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/old\.yaml +2/),
    })
  })

  test.each([
    [['--range', '--output=x..y'], 2, 'no range'],
    [['--range', 'main'], 2, 'A..B'],
    [['--range', 'no..where'], 1, 'git rev-list'],
    [['--range', 'main..main', '--staged'], 2, 'one of both'],
    [[], 2, '--staged'],
  ])('%j is refused', async (words, code, said) => {
    expect(await gatehouse(['config', 'scan', ...words])).toMatchObject({
      code,
      out: '',
      talk: expect.stringContaining(said),
    })
  })
})

describe('what is refused says why, and what to do', () => {
  test('no key, no rule, no recipient, a plugin, a link, a second encryption', async () => {
    const name = await encrypted()
    expect(await gatehouse(['config', 'decrypt', name], { env: { SOPS_AGE_KEY: identities[1] } })).toMatchObject({
      code: 1,
      talk: expect.stringContaining('SOPS_AGE_KEY_FILE'),
    })
    expect(await gatehouse(['config', 'encrypt', name, '--age', mine ?? ''])).toMatchObject({
      code: 2,
      talk: expect.stringContaining('already'),
    })
    put('plain.yaml', secret)
    expect(await gatehouse(['config', 'encrypt', 'plain.yaml'])).toMatchObject({
      code: 2,
      talk: expect.stringContaining('--age'),
    })
    // threat E8
    expect(await gatehouse(['config', 'encrypt', 'plain.yaml', '--age', 'age1../../evil1qqq'])).toMatchObject({
      code: 2,
      talk: expect.stringContaining('plugins'),
    })
    expect(await gatehouse(['config', 'decrypt', 'plain.yaml'])).toMatchObject({
      code: 2,
      talk: expect.stringContaining('not encrypted'),
    })
    expect(get('plain.yaml')).toBe(secret)
  })

  // getsops/sops #1340 and #1597: what a file lost before it was encrypted in its place was lost for good
  test('an INI file of which less would be encrypted than stands there', async () => {
    const lossy = [
      ['[Interface]\nAddress = 10.0.0.1\nAddress = 10.0.0.2\n', '`Address` twice'],
      ['[a]\nsecret = here#there\n', 'line 2 has `#` in it'],
      ['[a]\nsecret = "here;there"\n', 'line 2 has `;` in it'],
    ] as const
    for (const [content, said] of lossy) {
      put('lossy.ini', content)
      expect(await gatehouse(['config', 'encrypt', 'lossy.ini', '--in-place', '--age', mine ?? ''])).toMatchObject({
        code: 2,
        talk: expect.stringContaining(said),
      })
      expect(get('lossy.ini')).toBe(content)
    }
    const whole = '[Peer]\nkey = `here#there`\n\n[Peer]\nkey = other # of the second\n'
    await encrypted('whole.ini', whole)
    const { out } = await gatehouse(['config', 'decrypt', 'whole.ini'])
    expect(out.match(/\[Peer\]|`here#there`|other$|of the second/gm)).toHaveLength(5)
  })

  test('a rule file with a fault, also where keys are named by hand; rules that fit nothing are none', async () => {
    put('plain.yaml', secret)
    put('.sops.yaml', 'creation_rules:\n  - path_regex: "("\n')
    expect(await gatehouse(['config', 'encrypt', 'plain.yaml', '--age', mine ?? ''])).toMatchObject({
      code: 2,
      out: '',
    })
    put('.sops.yaml', `creation_rules:\n  - path_regex: other\n    age: ${theirs}\n`)
    expect(await gatehouse(['config', 'encrypt', 'plain.yaml', '--age', mine ?? ''])).toMatchObject({ code: 0 })
  })

  test('what Windows PowerShell made of a file, of the rules or of the key: what it is, and what to do', async () => {
    const utf16 = (name: string): string => put(name, Buffer.from(`\ufeff${get(name)}`, 'utf16le'))
    rule(mine, theirs)
    const [name, other] = [utf16(await encrypted('mangled.yaml')), await encrypted('other.yaml')]
    const said = { code: 2, talk: expect.stringMatching(/UTF-16.* · save it as UTF-8 .*--output/) }
    expect(await gatehouse(['config', 'decrypt', name])).toMatchObject(said)
    // it is not in clear, and whoever leaves has to hear that they still open it
    const { out } = await gatehouse(['config', 'validate', name, '--json'])
    expect(JSON.parse(out)).toMatchObject({ findings: [{ kind: 'unreadable' }] })
    const update = await gatehouse(['config', 'update-keys', '.', '--json'])
    expect(JSON.parse(update.out)).toMatchObject({ files: [{ file: other }] })
    expect(update).toMatchObject({ code: 1, talk: expect.stringContaining('mangled.yaml is left as it is') })

    put('keys.txt', identities[0] ?? '')
    const env = { SOPS_AGE_KEY: '', SOPS_AGE_KEY_FILE: join(home, utf16('keys.txt')) }
    expect(await gatehouse(['config', 'decrypt', other], { env })).toMatchObject(said)
    utf16('.sops.yaml')
    put('plain.yaml', secret)
    expect(await gatehouse(['config', 'encrypt', 'plain.yaml'])).toMatchObject(said)
  })

  test('a rule file that cannot be read, though there is one above; files to encrypt with no rule file', async () => {
    rule(mine)
    // as deep as the system lets a path be: the name of the rule file is longer than that of the file
    const pathBytesMax = process.platform === 'darwin' ? 1023 : 4095
    const left = pathBytesMax - Buffer.byteLength(home) - '/a.yaml'.length
    const names = Array.from({ length: Math.ceil(left / 200) }, (_, index) =>
      'd'.repeat(Math.min(199, left - index * 200 - 1)),
    )
    const deep = names.filter((name) => name !== '').join('/')
    mkdirSync(join(home, deep), { recursive: true })
    put(`${deep}/a.yaml`, secret)
    expect(await gatehouse(['config', 'encrypt', `${deep}/a.yaml`])).toMatchObject({
      code: 1,
      out: '',
      talk: expect.stringMatching(/cannot read \S+\.sops\.yaml/),
    })
    rmSync(join(home, '.sops.yaml'))
    put('plain.yaml', secret)
    expect(await gatehouse(['config', 'encrypt-all', 'plain.yaml'])).toMatchObject({
      code: 1,
      talk: expect.stringContaining('no .sops.yaml'),
    })
  })

  test('the address of a stranger’s Vault is never asked; one that this machine names is', async () => {
    const asked: string[] = []
    const vault = createServer((request, response) => {
      asked.push(`${request.url ?? ''} ${String(request.headers['x-vault-token'])}`)
      response.end(
        JSON.stringify({ data: { ciphertext: 'vault:v1:x', plaintext: Buffer.alloc(32).toString('base64') } }),
      )
    })
    vault.listen(0, '127.0.0.1')
    await once(vault, 'listening')
    const address = `http://127.0.0.1:${(vault.address() as AddressInfo).port}`
    put('plain.yaml', secret)
    const line = ['config', 'encrypt', 'plain.yaml', '--vault', `${address}/v1/transit/keys/config`, '--in-place']
    expect(await gatehouse(line, { env: { VAULT_TOKEN: 't' } })).toMatchObject({
      code: 2,
      talk: expect.stringContaining('VAULT_ADDR'),
    })
    expect(asked).toEqual([])
    expect(await gatehouse(line, { env: { VAULT_TOKEN: 't', VAULT_ADDR: address } })).toMatchObject({ code: 0 })
    expect(asked).toEqual(['/v1/transit/encrypt/config t'])
    expect(await gatehouse(['config', 'decrypt', 'plain.yaml'], { env: { VAULT_TOKEN: 't' } })).toMatchObject({
      code: 1,
    })
    expect(asked).toHaveLength(1)
    vault.close()
  })

  // Of a token that has expired stock clients show what Vault says of it, and not the status alone
  test('what Vault refuses is told in its words, and nothing of it steers a terminal', async () => {
    const vault = createServer((_request, response) => {
      response.statusCode = 403
      response.end(
        JSON.stringify({ errors: [`permission denied: the token \u001b[31mis not good${'.'.repeat(2000)}`] }),
      )
    })
    vault.listen(0, '127.0.0.1')
    await once(vault, 'listening')
    const VAULT_ADDR = `http://127.0.0.1:${(vault.address() as AddressInfo).port}`
    put('plain.yaml', secret)
    const line = ['config', 'encrypt', 'plain.yaml', '--vault', `${VAULT_ADDR}/v1/transit/keys/config`]
    const { code, talk } = await gatehouse(line, { env: { VAULT_TOKEN: 't', VAULT_ADDR } })
    expect([code, talk.length < 1000, talk.includes('\u001b')]).toEqual([1, true, false])
    expect(talk).toContain('refused to encrypt: status 403, permission denied: the token \ufffd[31mis not good...')
    vault.close()
  })
})
