import { describe, expect, test } from 'vitest'
import { drawDetails, drawFitted, drawTable, drawnWidth } from './table.ts'
import { printable, printableJson } from './printable.ts'
import { cutToCells } from './text-cells.ts'

const table = {
  columns: ['id', 'state', 'purpose'],
  rows: [
    ['01h', 'active', 'migrate the orders of last year'],
    ['01j', 'revoked', 'look'],
  ],
}
const style = { width: null, colour: false }

describe('a table', () => {
  test('stands in columns', () => {
    expect(drawTable(table, style)).toBe(
      'ID   STATE    PURPOSE\n01h  active   migrate the orders of last year\n01j  revoked  look\n',
    )
  })

  test('never wraps: it cuts the least important column, then leaves columns out', () => {
    for (const width of [60, 30, 25, 20, 14, 10, 4, 1]) {
      const lines = drawTable(table, { width, colour: false }).trimEnd().split('\n')
      expect(Math.max(...lines.map(drawnWidth)), String(width)).toBeLessThanOrEqual(Math.max(width, 3))
    }
    expect(drawTable(table, { width: 30, colour: false })).toContain('01h  active   migrate the ord…\n')
    expect(drawFitted(table, { width: 14, colour: false })).toEqual({
      text: 'ID   STATE\n01h  active\n01j  revoked\n',
      left: ['purpose'],
    })
    expect(drawFitted(table, { width: 30, colour: false }).left).toEqual([])
  })

  test('cuts a long name before it gives up the state of what is so called', () => {
    const long = { columns: ['name', 'kind', 'state'], rows: [['x'.repeat(62), 'syslog', 'failing']] }
    const [, row = ''] = drawTable(long, { width: 60, colour: false }).split('\n')
    expect(row).toBe(`${'x'.repeat(23)}…  syslog  failing`)
  })

  test('gives up who did it, and when, before what came of it', () => {
    const log = {
      columns: ['at', 'principal', 'action', 'outcome', 'resource', 'id'],
      rows: [['12 s ago', 'anonymous', 'auth.completeMfa', 'refused', 'User ada', '01a22d20-3de5']],
      kept: 4,
      yields: ['principal', 'at'],
    }
    const rowAt = (width: number) => drawTable(log, { width, colour: false }).split('\n')[1]
    expect(rowAt(60)).toBe('12 s ago  anonymous  auth.completeM…  refused  01a22d20-3de5')
    expect(rowAt(50)).toBe('12 s ago  auth.completeMfa  refused  01a22d20-3de5')
    expect(rowAt(40)).toBe('auth.completeMfa  refused  01a22d20-3de5')
    expect(rowAt(32)).toBe('auth.co…  refused  01a22d20-3de5')
  })

  test('gives up whatever stands beside a state before the state', () => {
    const people = {
      columns: ['username', 'roles', 'teams', 'status', 'id'],
      rows: [['dora-developer', 'Developer', 'developers', 'disabled', '01a22d20-3de5']],
      kept: 4,
    }
    expect(drawFitted(people, { width: 50, colour: false })).toEqual({
      text: 'USERNAME        ROLES      STATUS    ID\ndora-developer  Developer  disabled  01a22d20-3de5\n',
      left: ['teams'],
    })
  })

  test('cuts what stands before a whole id, and not the id, which is to be typed', () => {
    const id = '01a22cb7-cee4-7bb4-b6ba-65c4d277be3a'
    const holds = { columns: ['reason', 'placed by', 'id'], rows: [['case 4711 😀', 'ada-admin', id]] }
    expect(drawFitted(holds, { width: 48, colour: false })).toEqual({
      text: `REASON      ID\ncase 4711…  ${id}\n`,
      left: ['placed by'],
    })
  })

  test('stands in columns also where letters take two cells or none, and cuts none of them in two', () => {
    const names = { columns: ['name', 'state'], rows: ['Zoë 😀', '管理者', 'مرحبا', 'ada'].map((name) => [name, 'ok']) }
    const lines = drawTable(names, style).trimEnd().split('\n')
    expect(new Set(lines.slice(1).map(drawnWidth)).size).toBe(1)
    expect(cutToCells('管理者', 4)).toBe('管…')
    expect(cutToCells('👩‍👩‍👧‍👧👩‍👩‍👧‍👧', 3)).toBe('👩‍👩‍👧‍👧…')
  })

  test('repeats a state by colour only beside its word', () => {
    const drawn = drawTable(table, { width: null, colour: true })
    expect(drawn).toContain('\u001b[32mactive')
    expect(drawTable(table, style)).not.toContain('\u001b')
  })
})

test('details stand label by value, and a value of several lines below its label', () => {
  expect(
    drawDetails(
      [
        ['id', 'x'],
        ['private key', 'a\nb\n'],
      ],
      style,
    ),
  ).toBe('id           x\nprivate key\na\nb\n')
})

// A purpose, a device name or a host's answer is somebody else's text: it must not move the cursor or set the title of
// the reader's terminal.
describe('text from elsewhere', () => {
  test('cannot steer the terminal', () => {
    expect(printable('a\u001b]0;owned\u0007b\u202ec\u009b2J\nd')).toBe('a\ufffd]0;owned\ufffdb\ufffdc\ufffd2J\ufffdd')
  })

  test('cannot steer it out of JSON either, and is still the same text', () => {
    const value = { purpose: 'a\u001b[2J\u009b2J\u2028\u202e' }
    const text = printableJson(value)
    for (const steering of ['\u001b', '\u009b', '\u2028', '\u202e']) expect(text).not.toContain(steering)
    expect(JSON.parse(text)).toEqual(value)
  })
})
