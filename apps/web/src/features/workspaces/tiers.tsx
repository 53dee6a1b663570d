import type { Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { StateMark } from '../../ui/state.tsx'

/** One of the three stages on the way to production. */
export type EnvironmentId = Wire<'environment.list'>['environments'][number]['id']

const environments = ['development', 'staging', 'production'] as const

/** The environments to pick from. */
export const environmentOptions = environments.map((name) => [name, name] as const)

/** True for an environment, and for a tier, which has the same names. */
export const isEnvironment = (text: string): text is EnvironmentId => environments.some((name) => name === text)

/** How strict it is there. Production stands out. */
export function TierMark(props: { tier: EnvironmentId }): JSX.Element {
  return <StateMark state={`tier ${props.tier}`} />
}
