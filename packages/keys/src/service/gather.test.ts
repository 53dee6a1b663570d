import { describe, expect, test } from 'vitest'
import { gather, NoAnswerError, type Source } from './gather.ts'

const never = new Promise<never>(() => undefined)
/** Longer than any test, so that only what the test says happens. */
const patient = { patienceMs: 3_600_000, deadlineMs: 3_600_000 }

/** Sources, and which of them were asked, in their order. */
function sourcesOf(answers: Readonly<Record<string, () => Promise<string>>>) {
  const asked: string[] = []
  const sources: Source<string>[] = Object.entries(answers).map(([name, answer]) => ({
    name,
    ask: () => {
      asked.push(name)
      return answer()
    },
  }))
  return { asked, sources }
}
const says = (text: string) => () => Promise.resolve(text)
const fails = () => Promise.reject(new TypeError('away'))
const hangs = () => never

describe('one answer', () => {
  test('of the first is enough: nobody else is asked', async () => {
    const { asked, sources } = sourcesOf({ a: says('1'), b: says('2') })
    const { answers, passed } = await gather(sources, { ...patient, needed: 1 })
    expect(answers).toEqual([{ name: 'a', value: '1' }])
    expect([asked, passed.size]).toEqual([['a'], 0])
  })

  test('of the next, where those before fail', async () => {
    const { asked, sources } = sourcesOf({ a: fails, b: fails, c: says('3'), d: says('4') })
    const { answers, passed } = await gather(sources, { ...patient, needed: 1 })
    expect(answers).toEqual([{ name: 'c', value: '3' }])
    expect(asked).toEqual(['a', 'b', 'c'])
    expect(passed.get('a')).toBeInstanceOf(TypeError)
  })

  test('of the next, where the first says nothing', async () => {
    const { sources } = sourcesOf({ a: hangs, b: says('2') })
    const { answers, passed } = await gather(sources, { ...patient, patienceMs: 1, needed: 1 })
    expect(answers).toEqual([{ name: 'b', value: '2' }])
    expect(passed.get('a')).toBeInstanceOf(NoAnswerError)
  })

  test('of the first all the same, where it is slow and the others fail', async () => {
    const answer = Promise.withResolvers<string>()
    const failed = () => {
      setImmediate(() => answer.resolve('late'))
      return fails()
    }
    const { sources } = sourcesOf({ a: () => answer.promise, b: failed })
    const { answers, passed } = await gather(sources, { ...patient, patienceMs: 1, needed: 1 })
    expect(answers).toEqual([{ name: 'a', value: 'late' }])
    expect([...passed.keys()]).toEqual(['b'])
  })

  test('of nobody, where all fail, or are none', async () => {
    const { sources } = sourcesOf({ a: fails, b: fails })
    expect((await gather(sources, { ...patient, needed: 1 })).answers).toEqual([])
    expect(await gather([], { ...patient, needed: 1 })).toEqual({ answers: [], passed: new Map() })
  })

  test('is not waited for beyond the deadline, and who is late then has nobody asked', async () => {
    const answer = Promise.withResolvers<string>()
    const { asked, sources } = sourcesOf({ a: () => answer.promise, b: says('2') })
    const { answers } = await gather(sources, { ...patient, deadlineMs: 1, needed: 1 })
    answer.reject(new TypeError('late'))
    await answer.promise.catch(() => undefined)
    expect([answers, asked]).toEqual([[], ['a']])
  })
})

describe('two answers', () => {
  test('are asked of two at once, and of a third where one of them fails', async () => {
    const { asked, sources } = sourcesOf({ a: says('1'), b: fails, c: says('3'), d: says('4') })
    const { answers } = await gather(sources, { ...patient, needed: 2 })
    expect(answers.map(({ name }) => name)).toEqual(['a', 'c'])
    expect(asked).toEqual(['a', 'b', 'c'])
  })

  test('are not there where only one is: what there is comes back, with why', async () => {
    const { sources } = sourcesOf({ a: says('1'), b: fails, c: fails })
    const { answers, passed } = await gather(sources, { ...patient, needed: 2 })
    expect(answers).toHaveLength(1)
    expect([...passed.keys()]).toEqual(['b', 'c'])
  })

  test('of more than there are is no answer, and ends', async () => {
    const { sources } = sourcesOf({ a: says('1') })
    expect((await gather(sources, { ...patient, needed: 2 })).answers).toHaveLength(1)
  })
})
