import { expect, it } from 'vitest'
import { hosts } from '../gallery/ssh-fixtures.ts'
import { behindOf, stepAfter } from './rotation.ts'

const ca = {
  caPublicKey: 'a',
  caFingerprint: 'SHA256:a',
  listSignerPublicKey: 'l',
  hostCaPublicKey: 'h',
  managementPublicKey: 'm',
  nextCaPublicKey: null,
  previousCaPublicKey: null,
}

it('a rotation goes from one CA over the next to the end of the one before', () => {
  expect(stepAfter(ca)).toBe('begin')
  expect(stepAfter({ ...ca, nextCaPublicKey: 'n' })).toBe('switch')
  expect(stepAfter({ ...ca, previousCaPublicKey: 'p' })).toBe('finish')
})

it('a host that has not reported, or trusts another CA, does not follow', () => {
  expect(behindOf(hosts).map(({ name }) => name)).toEqual(['legacy-1', 'edge-helsinki-1'])
})
