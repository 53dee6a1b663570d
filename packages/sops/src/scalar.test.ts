import { describe, expect, test } from 'vitest'
import { bytesOf, decimalText, scalarOf, shortestText, type PresentScalar } from './scalar.ts'
import { resolvePlain } from './formats/yaml/resolve-plain.ts'

const textOf = (scalar: PresentScalar): string => Buffer.from(bytesOf(scalar)).toString()

describe('numbers', () => {
  test.each([
    [1, '1', '1'],
    [2.5, '2.5', '2.5'],
    [1e21, '1000000000000000000000', '1e+21'],
    [1.5e-7, '0.00000015', '1.5e-07'],
    [1234567, '1234567', '1.234567e+06'],
    [123456.5, '123456.5', '123456.5'],
    [0.0001, '0.0001', '0.0001'],
    [-0, '-0', '-0'],
    [-1.25e300, `-125${'0'.repeat(298)}`, '-1.25e+300'],
  ])('%f is written as Go writes it', (value, decimal, shortest) => {
    expect([decimalText(value), shortestText(value)]).toEqual([decimal, shortest])
  })

  test('an integer keeps all of its digits', () => {
    expect(textOf(scalarOf('int', Buffer.from('-9223372036854775808')))).toBe('-9223372036854775808')
  })

  test.each([
    ['int', '9223372036854775808'],
    ['int', '1.5'],
    ['int', ''],
    ['float', '1e'],
    ['float', '0x1p3'],
    ['bool', 'yes'],
    ['time', '2024-13-01T00:00:00Z'],
    ['time', '2024-01-01'],
    ['map', 'x'],
  ])('what says it is %s and is %o is refused', (type, plain) => {
    expect(() => scalarOf(type, Buffer.from(plain))).toThrow(expect.objectContaining({ code: 'malformed' }))
  })
})

describe('a plain YAML scalar', () => {
  test.each([
    ['0777', { type: 'int', value: 511n }],
    ['0o17', { type: 'int', value: 15n }],
    ['-0xff', { type: 'int', value: -255n }],
    ['1_000', { type: 'int', value: 1000n }],
    ['08', { type: 'float', value: 8 }],
    ['.5', { type: 'float', value: 0.5 }],
    ['1e3', { type: 'float', value: 1000 }],
    ['-.Inf', { type: 'float', value: Number.NEGATIVE_INFINITY }],
    ['yes', { type: 'str', text: 'yes' }],
    ['True', { type: 'bool', value: true }],
    ['tRUE', { type: 'str', text: 'tRUE' }],
    ['~', { type: 'null' }],
    ['12:30:45', { type: 'str', text: '12:30:45' }],
    ['2001-1-2', { type: 'time', text: '2001-01-02T00:00:00Z' }],
    ['2001-12-14t21:59:43.10-05:00', { type: 'time', text: '2001-12-14T21:59:43.1-05:00' }],
    ['2001-12-14 21:59:43.10', { type: 'time', text: '2001-12-14T21:59:43.1Z' }],
    ['2001-02-30', { type: 'str', text: '2001-02-30' }],
    ['123456789012345678901234567890', { type: 'float', value: 1.2345678901234568e29 }],
    ['1e999', { type: 'str', text: '1e999' }],
    ['+', { type: 'str', text: '+' }],
  ])('%s means what it means to stock SOPS', (plain, value) => {
    expect(resolvePlain(plain)).toEqual(value)
  })

  test('an integer that stock SOPS cannot hold is refused by name', () => {
    expect(() => resolvePlain('18446744073709551615')).toThrow(expect.objectContaining({ code: 'unsupported' }))
  })
})
