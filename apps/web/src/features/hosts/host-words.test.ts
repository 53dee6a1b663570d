import { describe, expect, it } from 'vitest'
import { hosts } from '../gallery/ssh-fixtures.ts'
import { isBehind, listWords, namesBareAccount, opensWords, otpWords, partsOfRole, postureOf } from './host-words.ts'

describe('what a credential opens', () => {
  it('is an account on a host, in words', () => {
    expect(opensWords('deploy@db-1')).toBe('deploy on db-1')
    expect(opensWords('db-1')).toBe('db-1')
  })

  it('keeps an account whose name holds an @ whole', () => {
    expect(partsOfRole('svc@corp@db-1')).toEqual({ account: 'svc@corp', host: 'db-1' })
  })

  it('is marked where the certificate names a bare account, as it does for unbound hosts', () => {
    expect(namesBareAccount({ sshPrincipals: ['deploy@SHA256:yvDbPsKwRqOE7b'] })).toBe(false)
    expect(namesBareAccount({ sshPrincipals: ['deploy'] })).toBe(true)
    expect(namesBareAccount({ sshPrincipals: ['svc@corp'] })).toBe(true)
  })
})

describe('how far a host is behind the revocation list', () => {
  const now = Date.parse('2026-11-23T19:00:00Z')
  const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString()
  const told = (listFreshAt: string | null, reportedAt: string | null = at(1)) => {
    const [host] = hosts
    if (host === undefined) throw new Error('the gallery has no host')
    const reported = { ...host, listFreshAt, reportedAt }
    return [listWords(reported, now), isBehind(reported, now)]
  }

  it('is what it reported, and too far after several missed reports', () => {
    expect(told(at(40))).toEqual(['40 s behind', false])
    expect(told(at(600))).toEqual(['10 min behind', true])
    expect(told(null)).toEqual(['never up to date', true])
    expect(told(null, null)).toEqual(['not reported', false])
  })
})

it('marks what a host reports that is wrong, and nothing of one that does not report', () => {
  const now = Date.parse('2026-11-23T19:00:00Z')
  const [host] = hosts
  if (host === undefined) throw new Error('the gallery has no host')
  const at = new Date(now - 1000).toISOString()
  const reporting = { ...host, reportedAt: at, listFreshAt: at, trustsCa: true, followsCa: true }
  expect(postureOf(reporting, now)).toEqual([])
  expect(postureOf({ ...reporting, trustsCa: false, followsCa: false }, now)).toEqual(['CA not trusted'])
  expect(postureOf({ ...reporting, followsCa: false, listFreshAt: null }, now)).toEqual([
    'next CA not trusted',
    'list old',
  ])
  const silent = { ...host, reportedAt: null, listFreshAt: null, trustsCa: null, followsCa: null }
  expect(postureOf(silent, now)).toEqual([])
  expect(otpWords({ otpAddresses: [] })).toBe('not accepted')
})
