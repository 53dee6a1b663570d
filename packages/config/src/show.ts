import type { Config } from './load.ts'

const redacted = (present: boolean): string => (present ? '[set, not shown]' : '[not set]')

/** What is in force, as one JSON value, secrets redacted. */
export function shownConfig(config: Config): Record<string, unknown> {
  const { settings, runtime, vaultToken, awsCredentials, jwtKeyFiles, file } = config
  return {
    file,
    ...settings,
    runtime: {
      home: runtime.home,
      port: runtime.port,
      publicUrl: runtime.publicUrl,
      dev: runtime.dev,
      temporal:
        runtime.temporal === null ? null : { address: runtime.temporal.address, namespace: runtime.temporal.namespace },
      temporalWebUrl: runtime.temporalWebUrl,
      metrics: runtime.metrics,
      telemetryHeaders: redacted(runtime.telemetryHeaders !== null),
      databaseUrl: redacted(runtime.databaseUrl !== null),
      databaseAdminUrl: redacted(runtime.databaseAdminUrl !== null),
    },
    notify: { ...settings.notify, smtp_url: redacted(settings.notify.smtp_url !== undefined) },
    vaultToken: redacted(vaultToken !== null),
    awsCredentials: redacted(awsCredentials !== null),
    jwtKeyFiles,
  }
}
