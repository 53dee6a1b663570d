import { expect, it } from 'vitest'
import { emptyFollowUp, followUpsToSend, linesOf } from './follow-ups.ts'

it('follow-ups that were left empty are not sent, half-filled ones are, so that what is missing is told', () => {
  const [sent, ...rest] = followUpsToSend([
    emptyFollowUp,
    { text: ' widen the disk ', owner: 'ada', due: '2026-12-01' },
  ])
  expect(rest).toEqual([])
  expect(sent).toMatchObject({ text: 'widen the disk', owner: 'ada' })
  expect(new Date(sent?.dueAt ?? '').toString()).toContain('Dec 01 2026 23:59:59')
  expect(followUpsToSend([{ ...emptyFollowUp, text: 'widen the disk' }])).toEqual([
    { text: 'widen the disk', owner: '', dueAt: '' },
  ])
})

it('secrets to rotate are a line each', () => {
  expect(linesOf(' db password \n\nAPI key\n')).toEqual(['db password', 'API key'])
})
