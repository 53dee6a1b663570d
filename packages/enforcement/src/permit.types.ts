import type { Handlers } from './handler.ts'
import { Permit } from './permit.ts'

/*
 * Type tests: each `@ts-expect-error` below is an attack that must not compile. The type check fails when one of them
 * does.
 */

declare const permit: Permit<'lease.get'>
declare const handlers: Handlers

/** A permit of the right operation is taken. */
void handlers['lease.get'](permit)

// @ts-expect-error another operation's permit
void handlers['lease.revoke'](permit)

// @ts-expect-error a literal
const literal: Permit<'lease.get'> = {
  name: 'lease.get',
  principal: permit.principal,
  input: permit.input,
  slice: null,
  scope: permit.scope,
  decision: permit.decision,
  request: null,
  call: permit.call,
}

// @ts-expect-error a spread
const spread: Permit<'lease.get'> = { ...permit }

// @ts-expect-error the constructor is private
const forged = new Permit('lease.get', permit)

const { 'lease.get': _removed, ...incomplete } = handlers
// @ts-expect-error a missing handler
const missing: Handlers = incomplete

export type Attacks = [typeof literal, typeof spread, typeof forged, typeof missing]
