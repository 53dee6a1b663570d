import { describe, expect, it } from 'vitest'
import { namesBareAccount, opensWords, partsOfRole } from './host-words.ts'

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
