import { describe, expect, test } from 'vitest'
import { searchOn, shownByItself } from './audit-words.ts'
import { queryOfView, searchAsked } from './entry-search.ts'

const filtersOf = (params: Record<string, string>) => ({ value: (name: string) => params[name] })

describe('a search of the audit log', () => {
  test('is what the address says, and leaves reads out unless they are asked for', () => {
    expect(searchAsked(filtersOf({ actor: 'ada', from: '1d' }))).toMatchObject({
      actor: 'ada',
      from: '1d',
      kinds: ['change', 'refusal', 'event'],
    })
    expect(searchAsked(filtersOf({ kind: 'all' })).kinds).toBeUndefined()
    expect(searchAsked(filtersOf({ kind: 'read' })).kinds).toEqual(['read'])
  })

  test('by the name of a read asks for reads, and by how actions begin for none', () => {
    expect(searchAsked(filtersOf({ action: 'lease.list' })).kinds).toBeUndefined()
    expect(searchAsked(filtersOf({ action: 'lease.watch' })).kinds).toBeUndefined()
    expect(searchAsked(filtersOf({ action: 'lease.list', kind: 'refusal' })).kinds).toEqual(['refusal'])
    for (const action of ['lease', 'lease.revoke', 'lease.expired', 'constructor', 'no.such'])
      expect(searchAsked(filtersOf({ action })).kinds, action).toEqual(['change', 'refusal', 'event'])
    expect([searchOn(undefined), searchOn(['read', 'change'])].join(' ')).not.toContain('reads are left out')
    expect(searchOn(searchAsked(filtersOf({})).kinds)).toContain('reads are left out')
    expect([shownByItself('lease.list'), shownByItself('lease'), shownByItself(undefined)]).toEqual([
      'everything',
      'all but reads',
      'all but reads',
    ])
  })

  test('that was saved comes back as the same address', () => {
    const saved = { outcome: 'refused', ip: '10.0.0.17', kinds: ['change', 'refusal', 'event'], sort: 'oldest' }
    const query = queryOfView(JSON.stringify(saved))
    const params = Object.fromEntries(new URLSearchParams(query))
    expect(params).toEqual({ outcome: 'refused', ip: '10.0.0.17', sort: 'oldest' })
    expect(searchAsked(filtersOf(params))).toMatchObject({ outcome: 'refused', kinds: saved.kinds })
  })

  test('over every kind names them all in its address, and over one that one', () => {
    expect(queryOfView('{"actor":"ada"}')).toBe('?actor=ada&kind=all')
    expect(queryOfView('{"kinds":["refusal"]}')).toBe('?kind=refusal')
  })

  test('of a text that is none is a search for everything', () => {
    for (const text of ['', '[]', 'null', '"x"', '{']) expect(queryOfView(text), text).toBe('?kind=all')
  })
})
