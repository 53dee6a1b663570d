/** The kinds of alert that policies raise. */
export const policyAlerts = ['policy-error', 'policy-record-failed', 'policy-reload-refused'] as const
export type PolicyAlert = (typeof policyAlerts)[number]
