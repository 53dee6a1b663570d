/** Where each endpoint answers: the default paths of AuthZEN 1.0. */
export const paths = { evaluation: '/access/v1/evaluation', evaluations: '/access/v1/evaluations' } as const

/** What a policy decision point says of itself (AuthZEN 1.0, *Policy Decision Point Metadata*). There is no search. */
export function authzenMetadata(publicUrl: string) {
  const base = publicUrl.replace(/\/+$/, '')
  return {
    policy_decision_point: base,
    access_evaluation_endpoint: base + paths.evaluation,
    access_evaluations_endpoint: base + paths.evaluations,
  }
}
