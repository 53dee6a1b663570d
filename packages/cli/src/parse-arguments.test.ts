import { describe, expect, test } from 'vitest'
import { CliError } from './cli-error.ts'
import { flag, type Flag } from './flag.ts'
import { parseArguments, requireFlags } from './parse-arguments.ts'

const flags: readonly Flag[] = [
  flag('host', '', { required: true }),
  flag('ttl', '', { kind: 'duration', field: 'ttlSeconds' }),
  flag('port', '', { kind: 'integer' }),
  flag('keep', '', { kind: 'boolean' }),
  flag('principals', '', { kind: 'list' }),
  flag('access', '', { kind: 'choice', choices: ['ca', 'managementKey'] }),
]
const grammar = { flags, positionals: ['host'], takesRest: true, command: 'ssh connect' }
const parse = (...words: string[]) => parseArguments(words, grammar)
const refusal = (...words: string[]): CliError => {
  try {
    requireFlags(parse(...words).values, flags)
  } catch (error) {
    if (error instanceof CliError) return error
  }
  throw new Error('was not refused')
}

describe('a command line', () => {
  test('becomes values by the kinds of its flags', () => {
    expect(
      parse(
        'db-1',
        '--ttl',
        '90m',
        '--port=2222',
        '--keep',
        '--principals',
        'a,b',
        '--principals',
        'c',
        '--access',
        'ca',
      ).values,
    ).toEqual({ host: 'db-1', ttlSeconds: 5400, port: 2222, keep: true, principals: ['a', 'b', 'c'], access: 'ca' })
  })

  test('may say no to a switch', () => {
    expect(parse('--no-keep').values).toEqual({ keep: false })
  })

  test('leaves all after -- to the command', () => {
    expect(parse('db-1', '--', 'id', '--ttl', '--')).toEqual({ values: { host: 'db-1' }, rest: ['id', '--ttl', '--'] })
  })

  test('takes what stands after -- for positional where the command leaves nothing there', () => {
    expect(parseArguments(['--', '-odd-name'], { ...grammar, takesRest: false }).values).toEqual({ host: '-odd-name' })
  })

  test('takes a value that begins with a dash', () => {
    expect(parse('--host', '-1').values).toEqual({ host: '-1' })
  })
})

describe('a wrong command line is exit 2 and names the flag', () => {
  test.each([
    [['db-1', '--ttl', 'soon'], 'ttl'],
    [['db-1', '--port', '22x'], 'port'],
    [['db-1', '--access', 'root'], 'access'],
    [['db-1', '--ttl'], 'ttl'],
    [['db-1', '--port', '1', '--port', '2'], 'port'],
    [['--keep=maybe'], 'keep'],
    [['--ttl', '1h'], 'host'],
    [['db-1', '--prot', '22'], 'prot'],
  ])('%j → %s', (words, name) => {
    const error = refusal(...words)
    expect([error.exitCode, error.code]).toEqual([2, 'invalid-input'])
    expect(error.details['fields']).toEqual([expect.objectContaining({ path: name })])
    expect(error.message).toContain(`--${name}`)
  })

  test('a type on its own is told to stand with the id', () => {
    expect(refusal('db-1', '--host-type', 'Server').hint).toBe('--host takes the type with the id, as Type:id')
  })

  test('an unknown flag gets the nearest one offered', () => {
    expect(refusal('db-1', '--prot', '22').hint).toBe('did you mean --port?')
  })

  test('one word too many is not ignored', () => {
    expect(refusal('db-1', 'db-2').message).toContain('`db-2`')
  })
})
