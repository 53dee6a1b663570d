import { expect, test } from 'vitest'
import { noticeToSend, partsOf, saidOf, type Notice } from './notice-parts.ts'

const nothing = {
  nature: null,
  subjectCategories: null,
  subjectCount: null,
  recordCategories: null,
  recordCount: null,
  contact: null,
  consequences: null,
  measures: null,
  delayReason: null,
}
const before = { parts: { ...nothing, nature: 'keys were published', subjectCount: 40 } } as Notice
const due = '2026-11-28T08:00:00.000Z'

test('a notice sends what is said anew, and leaves what another may have said since', () => {
  const values = { nature: 'keys were published', subjectCount: '44', contact: ' dpo@example.org ', measures: '' }
  expect(noticeToSend('i1', { before, values })).toEqual({ id: 'i1', subjectCount: 44, contact: 'dpo@example.org' })
})

test('the four parts of Art. 33(3) are asked for, and after 72 hours the reasons for the delay', () => {
  const inTime = partsOf({ authorityDueAt: due }, Date.parse(due) - 1)
  expect([inTime.length, saidOf(before, inTime)]).toEqual([8, 2])
  expect(partsOf({ authorityDueAt: due }, Date.parse(due) + 1).at(-1)?.name).toBe('delayReason')
})
