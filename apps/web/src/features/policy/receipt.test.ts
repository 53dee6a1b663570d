import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { askedIn, policyTextIn } from './receipt.ts'

describe('the receipt of a decision', () => {
  test('says what the policies could read, in words', () => {
    const request = {
      principal: { type: 'User', id: 'u1' },
      context: {
        hour: 7,
        weekend: false,
        ip: { __extn: { fn: 'ip', arg: '10.0.0.7' } },
        workspace: { __entity: { type: 'Workspace', id: 'shop' } },
        roles: ['Admin', 'Operator'],
        nothing: [],
      },
      entities: [
        {
          uid: { type: 'User', id: 'u1' },
          attrs: { assurance: { level: 'mfa' } },
          parents: [{ type: 'Role', id: 'Admin' }],
        },
      ],
    }
    expect(askedIn(JSON.stringify(request))).toEqual({
      context: [
        ['hour', '7'],
        ['weekend', 'no'],
        ['ip', '10.0.0.7'],
        ['workspace', 'Workspace shop'],
        ['roles', 'Admin, Operator'],
        ['nothing', 'none'],
      ],
      entities: [{ type: 'User', id: 'u1', attributes: [['assurance', 'level mfa']], parents: ['Role Admin'] }],
    })
  })

  test('is nothing where nothing was recorded', () => {
    for (const text of [null, '', '{', '[]', '"x"']) expect(askedIn(text), String(text)).toBeNull()
  })

  test('finds the text of a policy, whole, in the files of its set', () => {
    const text =
      '// one\n@id("a")\npermit (principal, action, resource) when { context.x == "a;b" }; // ;\n@id("b")\nforbid;'
    expect(policyTextIn([{ text: '' }, { text }], 'a')).toBe(
      '@id("a")\npermit (principal, action, resource) when { context.x == "a;b" };',
    )
    expect(policyTextIn([{ text }], 'c')).toBeNull()
    const shipped = readFileSync(new URL('../../../../../policies/admin/everyone.cedar', import.meta.url), 'utf8')
    expect(policyTextIn([{ text: shipped }], 'own-account')).toMatch(/^@id\("own-account"\)[\s\S]+\};$/)
  })
})
