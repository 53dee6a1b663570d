import { refusals } from '@gatehouse/contract'
import { describe, expect, test } from 'vitest'
import { CliError, errorDocument, errorText, exitCodeOf, refusalError, usageError } from './cli-error.ts'

describe('exit codes', () => {
  test.each([
    ['invalid-input', 2],
    ['forbidden', 3],
    ['unauthenticated', 4],
    ['invalid-credentials', 4],
    ['mfa-required', 4],
    ['step-up-required', 4],
    ['mfa-enrolment-required', 4],
    ['password-change-required', 4],
    ['not-found', 5],
    ['conflict', 6],
    ['approval-pending', 7],
    ['unavailable', 8],
    ['rate-limited', 8],
    ['fault', 1],
    ['something-newer', 1],
  ])('%s → %i', (code, exit) => {
    expect(exitCodeOf(code)).toBe(exit)
  })

  test('every 401 of the contract is 4', () => {
    for (const [code, { status, exit }] of Object.entries(refusals)) if (status === 401) expect(exit, code).toBe(4)
  })
})

describe('a refusal', () => {
  test('names the approval that a second person has to give, or what an emergency request still wants', () => {
    const pending = (details: Parameters<typeof refusalError>[1]): string =>
      errorText(refusalError('approval-pending', details, 'this waits'))
    expect(pending({ approvalId: 'a-1', hint: 'nobody has approved it yet' })).toContain('approval approve a-1')
    const wanted = pending({ hint: '1 more person is wanted' })
    expect(wanted).toContain('this waits · 1 more person is wanted')
    expect(wanted).not.toContain('approval approve')
  })

  test('is one JSON document with its code, text and details', () => {
    const error = refusalError(
      'forbidden',
      { reason: 'forbid', policies: ['viewer-read-only'] },
      'policy does not allow this',
    )
    expect(JSON.parse(errorDocument(error))).toEqual({
      error: {
        code: 'forbidden',
        message: 'denied by viewer-read-only',
        reason: 'forbid',
        policies: ['viewer-read-only'],
      },
    })
  })

  test('says the command to type next', () => {
    expect(
      errorText(
        refusalError(
          'step-up-required',
          { assurance: 'su', maxAgeSeconds: 300 },
          'this needs a second factor proved more recently',
        ),
      ),
    ).toBe('gatehouse: this needs a second factor proved more recently · gatehouse auth step-up --totp CODE')
  })

  test('names a field that the server found wrong by the flag that was typed', () => {
    const flags = [
      { field: 'sourceAddresses', name: 'source-addresses' },
      { field: 'ttlSeconds', name: 'ttl' },
    ]
    const wrong = (...paths: readonly string[]): CliError =>
      refusalError('invalid-input', { fields: paths.map((path) => ({ path, message: 'wrong' })) }, '')
    expect(errorText(wrong('sourceAddresses'), flags)).toBe('gatehouse: --source-addresses: wrong')
    expect(errorText(wrong('ttlSeconds', 'sourceAddresses.0', 'elsewhere'), flags)).toBe(
      'gatehouse: the input is not valid\n  --ttl: wrong\n  --source-addresses.0: wrong\n  elsewhere: wrong',
    )
  })

  test('names each field that is wrong', () => {
    const error = usageError('the input is not valid', {
      fields: [
        { path: 'ttl', message: 'too short' },
        { path: 'login', message: 'a user name' },
      ],
    })
    expect(errorText(error)).toBe('gatehouse: the input is not valid\n  ttl: too short\n  login: a user name')
  })

  test('cannot overwrite its own code by a detail of that name', () => {
    expect(
      JSON.parse(
        errorDocument(new CliError({ code: 'forbidden', message: 'no', details: { code: 'ok', message: 'yes' } })),
      ),
    ).toEqual({ error: { code: 'forbidden', message: 'no' } })
  })
})
