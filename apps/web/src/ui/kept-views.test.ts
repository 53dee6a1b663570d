import { describe, expect, it } from 'vitest'
import { queryOf, viewsIn, withoutView, withView } from './kept-views.ts'

const mine = { name: 'mine', query: '?principal=ada' }

describe('views that a browser keeps', () => {
  it('are nothing where the text is none of ours', () => {
    expect(viewsIn(null)).toEqual([])
    for (const text of ['no json', '{}', 'null', '7', '[{"name":"x"},null,{"name":1,"query":""}]'])
      expect(viewsIn(text), text).toEqual([])
    expect(viewsIn(JSON.stringify([mine, 7]))).toEqual([mine])
  })

  it('take the place of one of the same name, and are not too many', () => {
    const changed = { name: 'mine', query: '?state=active' }
    expect(withView([mine], changed)).toEqual([changed])
    const many = Array.from({ length: 30 }, (_, index) => ({ name: `view ${index}`, query: '' }))
    expect(withView(many, mine)).toBeNull()
    expect(withView(many, { name: 'view 3', query: '?x=1' })).toHaveLength(30)
    expect(withoutView([mine, changed], 'mine')).toEqual([])
  })

  it('ask the same by the same text, and keep nothing else of an address', () => {
    const names = ['state', 'principal']
    expect(queryOf('?principal=ada&after=x&state=active', names)).toBe('?state=active&principal=ada')
    expect(queryOf('?state=&after=x', names)).toBe('')
  })
})
