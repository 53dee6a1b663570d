import { describe, expect, test } from 'vitest'
import { readHosts } from './read-hosts.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const table = (text: string, user: string | null = null) => readHosts(bytes(text), 'table', user)
const inventory = (text: string, user: string | null = 'deploy') => readHosts(bytes(text), 'inventory', user)
const valuesOf = (read: ReturnType<typeof table>) =>
  'hosts' in read ? read.hosts.map(({ values }) => values) : read.problems
const problemsOf = (read: ReturnType<typeof table>) =>
  'problems' in read ? read.problems.map(({ path, message }) => `${path}: ${message}`) : []

describe('a table of hosts', () => {
  test('has a line of names, and lists in a cell', () => {
    expect(
      valuesOf(
        table(
          'name,address,port,user,principals,source addresses\ndb-1,10.0.0.5,2222,deploy,deploy;backup,10.1.0.0/16\n',
        ),
      ),
    ).toEqual([
      {
        name: 'db-1',
        address: '10.0.0.5',
        port: 2222,
        user: 'deploy',
        principals: ['deploy', 'backup'],
        sourceAddresses: ['10.1.0.0/16'],
      },
    ])
  })

  test('says all that is wrong, by its line', () => {
    const read = table('name,address,user\ndb 1,10.0.0.5,deploy\ndb-2,a b,deploy\ndb-3,10.0.0.7,"a,b"\ndb-4,-oX=1,*\n')
    expect(problemsOf(read).map((problem) => problem.replace(/: .*/, ''))).toEqual([
      'line 2, name',
      'line 3, address',
      'line 4, user',
      'line 5, address',
      'line 5, user',
    ])
  })

  test('takes no column that it does not know, and no port that is none', () => {
    expect(problemsOf(table('name,address,user,unbound\na,b,c,true\n'))[0]).toContain('unbound')
    expect(problemsOf(table('name,address,user,port\na,b,c,0x16\n'))[0]).toMatch(/^line 2, port: /)
  })

  test('needs no column of accounts where one was named for all', () => {
    expect(valuesOf(table('name,address\na,b.example\n', 'deploy'))).toEqual([
      { name: 'a', address: 'b.example', user: 'deploy' },
    ])
    expect(problemsOf(table('name,address\na,b.example\n'))[0]).toContain('names no column user')
  })

  test('of none, or of too many, is said as a whole', () => {
    expect(problemsOf(table('name,address,user\n'))).toEqual(['file: names no host'])
    const rows = Array.from({ length: 101 }, (_, index) => `h${index},h${index}.example,deploy`)
    expect(problemsOf(table(['name,address,user', ...rows].join('\n')))[0]).toContain('names 101 hosts')
  })
})

describe("Ansible's inventory", () => {
  test('in INI: groups, what is said of a host wherever it stands, and what holds for all', () => {
    const text = [
      '# hosts',
      'bastion ansible_host=203.0.113.9',
      '[web]',
      'web-1 ansible_host=10.0.0.6 ansible_port=2222 ; the old one',
      'web-2',
      '[db]',
      'db-1 ansible_host="10.0.0.5" ansible_user=postgres http_port=80',
      'web-1 ansible_user=www',
      '[web:vars]',
      'ansible_user=nobody',
      '[shop:children]',
      'web',
      '[all:vars]',
      'ansible_user = admin',
    ].join('\n')
    expect(valuesOf(inventory(text))).toEqual([
      { name: 'bastion', address: '203.0.113.9', user: 'admin' },
      { name: 'web-1', address: '10.0.0.6', port: 2222, user: 'www' },
      { name: 'web-2', address: 'web-2', user: 'admin' },
      { name: 'db-1', address: '10.0.0.5', user: 'postgres' },
    ])
  })

  test('as ansible-inventory --list prints it', () => {
    const text = JSON.stringify({
      _meta: { hostvars: { 'db-1': { ansible_host: '10.0.0.5', ansible_port: 2222, x: [1] } } },
      all: { children: ['web', 'ungrouped'] },
      web: { hosts: ['web-1', 'db-1'] },
    })
    expect(valuesOf(inventory(text))).toEqual([
      { name: 'web-1', address: 'web-1', user: 'deploy' },
      { name: 'db-1', address: '10.0.0.5', port: 2222, user: 'deploy' },
    ])
  })

  // twenty thousand such lines took half a minute: each copied what the lines before it had said
  test('of one host in very many lines is read at once, and names of variables are names and no more', () => {
    const lines = Array.from({ length: 20_000 }, (_, line) => `db-1 x${line}=1`)
    const begun = performance.now()
    expect(valuesOf(inventory(['db-1 ansible_host=10.0.0.5 constructor=x __proto__=y', ...lines].join('\n')))).toEqual([
      { name: 'db-1', address: '10.0.0.5', user: 'deploy' },
    ])
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  test('with patterns of names, templates, or without an account is refused, by its line', () => {
    expect(problemsOf(inventory('[web]\nweb-[1:50]\n'))[0]).toMatch(/^line 2: is a pattern/)
    expect(problemsOf(inventory('db-1 ansible_host={{ip}}\n'))[0]).toMatch(/^line 1, address: /)
    expect(problemsOf(inventory('db-1\n', null))[0]).toMatch(/^line 1, user: /)
    expect(problemsOf(inventory('{"a": 1}'))).toEqual(['file: is not what `ansible-inventory --list` prints'])
  })
})
