import { describe, expect, it } from 'vitest'
import { whyNotAdminister, whyNotLook, whyNotTo } from './may.ts'

describe('who may administer', () => {
  it('is an Admin, and nobody else', () => {
    expect(whyNotAdminister({ id: 'u', roles: ['Admin'] })).toBeNull()
    expect(whyNotAdminister({ id: 'u', roles: ['Operator', 'Developer'] })).toBe(
      'Only Admins may do this; you are Operator and Developer.',
    )
    expect(whyNotAdminister({ id: 'u', roles: [] })).toContain('without a role')
    expect(whyNotAdminister(null)).not.toBeNull()
  })

  it('is not an Admin who is an Auditor or a Viewer, too', () => {
    expect(whyNotAdminister({ id: 'u', roles: ['Admin', 'Auditor'] })).toMatch(/^Auditors/)
    expect(whyNotAdminister({ id: 'u', roles: ['Admin', 'Viewer'] })).toMatch(/^Viewers/)
  })

  it('is not the only one who looks: Auditors do, too, and everybody at himself', () => {
    expect(whyNotLook({ id: 'u', roles: ['Auditor'] }, 'v')).toBeNull()
    expect(whyNotLook({ id: 'u', roles: ['Viewer'] }, 'u')).toBeNull()
    expect(whyNotLook({ id: 'u', roles: ['Operator'] }, 'v')).toMatch(/^Only Admins and Auditors/)
    expect(whyNotLook(null, 'v')).not.toBeNull()
  })

  it('is told of his own account apart', () => {
    expect(whyNotTo({ id: 'u', roles: ['Admin'] }, 'u', 'not to yourself')).toBe('not to yourself')
    expect(whyNotTo({ id: 'u', roles: ['Admin'] }, 'v', 'not to yourself')).toBeNull()
    expect(whyNotTo({ id: 'u', roles: ['Operator'] }, 'u', 'not to yourself')).toMatch(/^Only Admins/)
  })
})
