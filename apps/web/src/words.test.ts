import { describe, expect, it } from 'vitest'
import { CallFailed, CallRefused, CallUnanswered } from './api.ts'
import { documents, refusalTexts } from './generated/documents.ts'
import type { CallName } from './wire.ts'
import { actWords, fieldProblemsOf, joinWords, sentence, wantsSecondFactor, wordsOf } from './words.ts'

const refused = (code: CallRefused['code'], details: CallRefused['details'] = {}): CallRefused =>
  new CallRefused('lease.revoke', { code, details }, code)

describe('a no in words', () => {
  it('names the policy that forbade, and says whom to ask', () => {
    expect(wordsOf(refused('forbidden', { reason: 'forbid', policies: ['viewer-read-only'] })).next).toMatch(
      /`viewer-read-only`.*administrator/,
    )
    expect(wordsOf(refused('forbidden', { reason: 'no-permit', policies: [] })).next).toMatch(/No policy allows/)
  })

  it('says when to come back', () => {
    expect(wordsOf(refused('rate-limited', { retryAfterSeconds: 90 })).next).toBe('Try again in 1 min 30 s.')
    const heavy = refused('rate-limited', { retryAfterSeconds: 5, hint: 'another heavy operation of yours is running' })
    expect(wordsOf(heavy).next).toBe('Another heavy operation of yours is running. Try again in 5 s.')
    expect(wordsOf(refused('invalid-credentials', { retryAfterSeconds: 12 })).next).toMatch(/works once.*12 s/)
  })

  it('names what is incorrect: the code where only a code was asked for', () => {
    const wrong = (operation: 'auth.login' | 'auth.completeMfa' | 'auth.stepUpComplete', details = {}) =>
      wordsOf(new CallRefused(operation, { code: 'invalid-credentials', details }, 'x')).title
    expect(wrong('auth.login')).toBe('Incorrect user name or password.')
    expect(wrong('auth.completeMfa')).toBe('Incorrect code.')
    expect(wrong('auth.stepUpComplete')).toBe('Incorrect code.')
    expect(wrong('auth.completeMfa', { retryAfterSeconds: 12 })).toBe('This code was already used.')
  })

  it('says what became of a session, and whom to ask where no log-in mends it', () => {
    expect(wordsOf(refused('unauthenticated', { reason: 'user-locked' }))).toEqual({
      title: 'Your account is locked.',
      next: 'Ask an administrator, who can remove the lock.',
    })
    expect(wordsOf(refused('unauthenticated', { reason: 'token-revoked' }))).toEqual({
      title: 'This API token was revoked.',
      next: '',
    })
    expect(wordsOf(refused('unauthenticated')).next).toBe('Log in again to continue.')
  })

  it('prefers the hint that the server gave', () => {
    expect(wordsOf(refused('conflict', { hint: 'choose another name' })).next).toBe('Choose another name')
  })

  it('has a title for every refusal of the contract', () => {
    // keys of the same table
    const titles = Object.keys(refusalTexts).map((code) => wordsOf(refused(code as CallRefused['code'])).title)
    expect(titles.every((title) => /^[A-Z].+\.$/.test(title))).toBe(true)
  })

  it('names what was asked for as a whole clause, for every operation', () => {
    const operations = Object.keys(documents) as CallName[] // keys of the same table
    const acts = operations.map((operation) => actWords({ operation }))
    const opened = (words: string): number => (words.match(/\(/g) ?? []).length - (words.match(/\)/g) ?? []).length
    expect(acts.filter((words) => opened(words) !== 0 || words.length > 80)).toEqual([])
  })

  it('makes a sentence of what the server says in a clause, and leaves a path at its head alone', () => {
    expect(sentence('it answers with status 503')).toBe('It answers with status 503.')
    expect(sentence('roles.cedar:14: unexpected token')).toBe('roles.cedar:14: unexpected token.')
    expect(sentence('https://vault.example.org is sealed')).toBe('https://vault.example.org is sealed.')
  })

  it('keeps a fault apart from an absence, and gives the request id', () => {
    expect(wordsOf(new CallFailed('x', 'req-1')).next).toContain('req-1')
    expect(wordsOf(new CallUnanswered('x')).title).toMatch(/not responding/)
    expect(wordsOf(new CallUnanswered('x')).next).not.toMatch(/may have been made/)
    expect(wordsOf(new CallUnanswered('x', { mayBeDone: true })).next).toMatch(/may have been made/)
    expect(wordsOf(new TypeError('x')).title).toMatch(/went wrong/)
  })

  it('puts complaints at their fields, and only of input', () => {
    expect(
      fieldProblemsOf(refused('invalid-input', { fields: [{ path: 'reason', message: 'one line of text' }] })),
    ).toEqual({ reason: 'one line of text' })
    expect(fieldProblemsOf(refused('forbidden'))).toEqual({})
  })

  it('knows which no a second factor turns into a yes', () => {
    expect(wantsSecondFactor(refused('step-up-required'))).toBe(true)
    expect(wantsSecondFactor(refused('forbidden'))).toBe(false)
    expect(actWords(refused('forbidden'))).toBe('revoke a lease')
  })

  it('says of a read that it was to be seen', () => {
    expect(actWords({ operation: 'user.list' })).toBe('see people with an account')
    expect(actWords({ operation: 'apiToken.list' })).toBe('see API tokens')
    expect(actWords({ operation: 'audit.search' })).toBe('search the audit log')
  })
})

it('joins what stands in a sentence', () => {
  expect(joinWords(['encrypt', 'rewrap', 'rotate it'])).toBe('encrypt, rewrap and rotate it')
})
