import { describe, expect, test } from 'vitest'
import { readTable, type TableForm } from './index.ts'

const form: TableForm = {
  columns: ['username', 'displayName', 'role', 'teams', 'passwordHash'],
  required: ['username', 'role'],
  lists: ['teams'],
  row: 'person',
  field: 'users',
}
const read = (source: Uint8Array | string) => {
  const table = readTable(source, form)
  return 'records' in table
    ? table.records.map(({ where, values }) => [where, values])
    : table.problems.map(({ path, message }) => `${path}: ${message}`)
}
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le')
const swapped = (text: string): Buffer => utf16(text).swap16()
const argon2 = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'

const ada = { username: 'ada', role: 'Viewer' }
const grace = { username: 'grace', role: 'Operator' }
const both = [
  ['line 2', ada],
  ['line 3', grace],
]

describe('tables as programs write them are read', () => {
  test.each<[string, Uint8Array | string, unknown]>([
    ['plain', 'username,role\nada,Viewer\ngrace,Operator\n', both],
    ['without a last line end', 'username,role\nada,Viewer\ngrace,Operator', both],
    ['Excel, "CSV UTF-8"', Buffer.from('\uFEFFusername,role\r\nada,Viewer\r\ngrace,Operator\r\n'), both],
    ['Excel, "Unicode Text"', utf16('\uFEFFusername\trole\r\nada\tViewer\r\ngrace\tOperator\r\n'), both],
    ['UTF-16, high byte first', swapped('\uFEFFusername;role\nada;Viewer\ngrace;Operator\n'), both],
    ['Excel with a decimal comma', 'username;role\r\nada;Viewer\r\ngrace;Operator\r\n', both],
    ['Excel that is told the separator', 'sep=;\r\nusername;role\r\nada;Viewer\r\n', [['line 3', ada]]],
    ['a separator that is told in quotes', '"sep=|"\nusername|role\nada|Viewer\n', [['line 3', ada]]],
    ['CR alone, as old Macs', 'username,role\rada,Viewer\rgrace,Operator\r', both],
    ['mixed line ends', 'username,role\r\nada,Viewer\ngrace,Operator\r', both],
    ['blank lines at the end', 'username,role\nada,Viewer\ngrace,Operator\n\n\r\n  \n', both],
    ['rows without any text, as Excel leaves them', 'username,role\nada,Viewer\ngrace,Operator\n,\n,,,\n', both],
    ['columns without a name and a value', 'username,role,,\nada,Viewer,,\ngrace,Operator,,\n', both],
    ['headings in other spelling', 'User Name,ROLE,display_name\nada,Viewer,\ngrace,Operator,\n', both],
    ['all cells quoted, as Google Sheets may', '"username","role"\n"ada","Viewer"\n"grace","Operator"\n', both],
    ['blanks around cells and quotes', ' username , role\n ada ,"Viewer" \n grace, "Operator"\n', both],
    [
      'a quoted hash with commas',
      `username,role,passwordHash\nada,Viewer,"${argon2}"\n`,
      [['line 2', { ...ada, passwordHash: argon2 }]],
    ],
    [
      'line breaks and quotes in a cell',
      'username,displayName,role\nada,"Ada ""the""\r\nfirst",Viewer\ngrace,,Operator\n',
      [
        ['line 2', { ...ada, displayName: 'Ada "the"\r\nfirst' }],
        ['line 4', grace],
      ],
    ],
    [
      'teams in one cell',
      'username\trole\tteams\nada\tViewer\tsre; developers\ngrace\tOperator\t"a, b\n c,"\n',
      [
        ['line 2', { ...ada, teams: ['sre', 'developers'] }],
        ['line 3', { ...grace, teams: ['a', 'b', 'c'] }],
      ],
    ],
    ['nothing', '', []],
    ['only headings', 'username,role\n', []],
    [
      'a JSON list with a mark',
      '\uFEFF[{"username":"ada","role":"Viewer"},\n{"username":"grace","role":"Operator"}]',
      [
        ['person 1 (line 1)', ada],
        ['person 2 (line 2)', grace],
      ],
    ],
    ['JSON in UTF-16', utf16('\uFEFF{"users":[{"username":"ada","role":"Viewer"}]}'), [['person 1 (line 1)', ada]]],
    [
      'JSON Lines with blank lines',
      '{"username":"ada","role":"Viewer"}\r\n\r\n{"username":"grace","role":"Operator"}\r\n',
      [
        ['person 1 (line 1)', ada],
        ['person 2 (line 3)', grace],
      ],
    ],
    ['JSON Lines of one line', '{"username":"ada","role":"Viewer"}\n', [['person 1 (line 1)', ada]]],
    [
      'escapes, numbers and words of JSON',
      '[{"username":"\\u0061\\"","x":[-1.5e3,true,null,{}]}]',
      [['person 1 (line 1)', { username: 'a"', x: [-1500, true, null, {}] }]],
    ],
  ])('%s', (_, source, records) => {
    expect(read(source)).toEqual(records)
  })
})

describe('what can be read in two ways, or not at all, is refused with its place and what is wanted', () => {
  test.each<[string, Uint8Array | string, readonly RegExp[]]>([
    [
      'a hash cut at its commas',
      `username,role,passwordHash\nada,Viewer,${argon2}\n`,
      [/^line 2: has 5 cells, .* 3: .*double quotes/],
    ],
    [
      'ragged rows, all of them',
      'username,role\nada\ngrace,Viewer\nlinus,Viewer,x\n',
      [/^line 2: has 1 cells/, /^line 4: has 3 cells/],
    ],
    ['a lone quote', 'username,role\nada,View"er\n', [/^line 2, cell 2: has a double quote within plain text/]],
    ['text behind a closing quote', 'username,role\nada,"View"er\n', [/^line 2, cell 2: has text behind/]],
    [
      'a quote that closes elsewhere',
      'username,role\nada,"Viewer\ngrace,"Operator"\n',
      [/^line 3, cell 2: has text behind/],
    ],
    ['a quote never closed', 'username,role\rada,Viewer\rgrace,"Operator\r', [/^line 3, cell 2: opens a double quote/]],
    [
      'a column twice, in another case',
      'username,role,User-Name\n',
      [/^line 1, cell 3: is the column `username` again, as cell 1/],
    ],
    [
      'a column unknown',
      'username,role,r\u00f4le 2\n',
      [/^line 1, cell 3: `r\u00f4le 2` is no column; .*passwordHash/],
    ],
    ['a digit more is another column', 'username,role2\n', [/^line 1, cell 2: `role2` is no column/]],
    ['a column missing', 'username,teams\nada,\n', [/^line 1: names no column role; /]],
    ['a value below no column', 'username,role,\nada,Viewer,x\n', [/^line 2, cell 3: has a value/]],
    ['a title above', 'People of Berlin\nusername,role\n', [/^line 1, cell 1: `People of Berlin` is no column/]],
    ['a separator that nobody reads', 'sep=#\nusername#role\n', [/^line 1: names no separator that is read/]],
    ['NUL', 'username,role\nada,Vie\0wer\n', [/^line 2, character 8: is the character U\+0000/]],
    ['NUL in UTF-16', utf16('\uFEFFusername,role\na\0da,Viewer\n'), [/^line 2, character 2: is the character U\+0000/]],
    [
      'Windows-1252',
      Buffer.from('username,role\nren\u00e9,Viewer\n', 'latin1'),
      [/^line 2, character 4: .*save the file as UTF-8/],
    ],
    [
      'a letter lost before',
      'username,role\nren\uFFFD,Viewer\n',
      [/^line 2, character 4: is a letter that cannot be read/],
    ],
    ['half a UTF-16 character', utf16('\uFEFFusername,role\n').subarray(0, 25), [/^line 1, character 12: is a letter/]],
    [
      'UTF-16 without its mark',
      utf16('username,role\nada,Viewer\n'),
      [/^file: is UTF-16 without a byte order mark; save it as UTF-8/],
    ],
    ['UTF-32', Buffer.from('fffe000075000000', 'hex'), [/^file: is UTF-32; save it as UTF-8/]],
    [
      'an Excel workbook',
      Buffer.from('504b0304140006000800', 'hex'),
      [/^file: is an Excel workbook.*export its sheet as CSV/],
    ],
    ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), [/^file: is an old Excel workbook/]],
    ['HTML that is called .xls', '<html><table>', [/^file: is HTML or XML; export the table as CSV/]],
    ['too much', Buffer.alloc(2_000_001, 0x61), [/^file: is larger than 2 MB/]],
    ['JSON cut off', '[\n {"username":"ada"', [/^line 2, character 19: is not JSON; wanted: a comma or `}`/]],
    ['JSON with a comma too many', '[{"username":"ada"},]', [/^line 1, character 21: is not JSON/]],
    ['JSON with a field twice', '[{"role":"Viewer",\n"role":"Admin"}]', [/^line 2, character 1: .*each field once/]],
    [
      'JSON with single quotes',
      "[{'username':'ada'}]",
      [/^line 1, character 3: .*the name of a field in double quotes/],
    ],
    ['JSON with a bad escape', '["\\x"]', [/^line 1, character 3: .*an escape that JSON has/]],
    ['JSON with a line break in a text', '["a\nb"]', [/^line 1, character 4: .*double quote that ends/]],
    ['JSON with NaN', '[{"username":NaN}]', [/^line 1, character 14: is not JSON/]],
    ['JSON in JSON in JSON', '['.repeat(3000), [/^line 1, character 9: .*fewer lists/]],
    ['JSON of no list', '{"people":[]}', [/^file: is JSON, but no list: wanted is/]],
    [
      'JSON with a stranger',
      '[{"username":"ada"},\n3]',
      [/^person 2 \(line 2\): is no person: wanted is an object with username, role/],
    ],
    [
      'two JSON values in a line',
      '{"username":"a"} {"username":"b"}',
      [/^line 1, character 18: .*a line break and the next person/],
    ],
  ])('%s', (_, source, problems) => {
    const found = read(source)
    expect(found).toHaveLength(problems.length)
    problems.forEach((problem, index) => expect(found[index]).toMatch(problem))
  })

  test('and no refusal repeats what could be a hash or steers a terminal', () => {
    const secret = 'CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    for (const source of [
      `ada,Viewer,${secret}x,\u001b[2J\n`,
      `[{"passwordHash":"${secret}" 1}]`,
      `a,b\n"${secret}"x\n`,
    ])
      expect(JSON.stringify(read(source))).not.toMatch(/CTFhFd|u001b/)
  })
})

test('a field named like a part of every object is only a field', () => {
  const table = readTable('[{"username":"ada","__proto__":{"role":"Admin"}}]', form)
  const [person] = 'records' in table ? table.records : []
  expect(Object.keys(person?.values ?? {})).toEqual(['username', '__proto__'])
  expect(person?.values['role']).toBeUndefined()
})

test('the work grows with the file, not faster', () => {
  for (const source of [
    '"'.repeat(1_999_999),
    '\n'.repeat(2_000_000),
    '[1,'.repeat(600_000),
    `["${'\\"'.repeat(990_000)}`,
  ]) {
    const started = process.cpuUsage()
    read(source)
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(5_000)
  }
})
