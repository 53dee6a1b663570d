import { describe, expect, it } from 'vitest'
import { scopeNouns, scopeWords, toggled, wholeOf } from './scopes.ts'

describe('scopes of a token', () => {
  it("can name every operation that a program may have use for, and none of a person's own account", () => {
    const names = scopeNouns.flatMap(({ operations }) => operations.map(({ name }) => name))
    expect(names).toContain('sshCertificate.sign')
    expect(names.filter((name) => /^(auth|password|totp|webauthn)\./.test(name))).toEqual([])
  })

  it('hold the whole of a noun instead of its parts', () => {
    const parts = toggled(toggled(['read'], 'lease.list'), 'lease.issue')
    expect(toggled(parts, wholeOf('lease'))).toEqual(['read', 'lease.*'])
    expect(toggled(['lease.*'], 'lease.*')).toEqual([])
  })

  it.each([
    ['read', 'read only'],
    ['lease.*', 'all of lease'],
    ['lease.list', 'lease.list'],
  ])('%s is said as %s', (scope, words) => {
    expect(scopeWords(scope)).toBe(words)
  })
})
