import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createMetrics } from '@gatehouse/kit'
import { findPromtool, timeoutOf } from '@gatehouse/testkit'
import { expect, test } from 'vitest'
import { metrics as declared } from './declared.ts'

const root = resolve(import.meta.dirname, '../../../..')
const rules = readFileSync(resolve(root, 'deploy/prometheus/gatehouse-alerts.yml'), 'utf8')
const named = [...new Set(rules.match(/\bgatehouse_[a-z_]+/g))].map((name) => name.replace(/_(bucket|sum|count)$/, ''))

test(
  'Prometheus takes the rules, and they fire when they should',
  async ({ skip }) => {
    const promtool = await findPromtool()
    if (promtool === null) return skip('no promtool on the path; `npm run test:long` builds it where Go is present')
    for (const args of [
      ['check', 'rules', 'gatehouse-alerts.yml'],
      ['test', 'rules', 'gatehouse-alerts.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync(promtool, args, {
        cwd: resolve(root, 'deploy/prometheus'),
        encoding: 'utf8',
      })
      expect(status, stdout + stderr).toBe(0)
    }
  },
  timeoutOf(20_000),
)

// while the database is away `/metrics` answers nothing, and of no value no rule says that it is too high
test('a process that says nothing is told of, by the jobs that Prometheus is told to ask', () => {
  const scrape = readFileSync(resolve(root, 'deploy/prometheus/gatehouse-scrape.yml'), 'utf8')
  const jobs = [...scrape.matchAll(/job_name: (\S+)/g)].map(([, job = '']) => job)
  const [, asked = ''] = /expr: up\{job=~"([^"]+)"\} == 0/.exec(rules) ?? []
  expect(jobs.length).toBeGreaterThan(1)
  for (const job of jobs) expect(job).toMatch(new RegExp(`^(?:${asked})$`))
})

test('every metric that an alert names stands in /metrics', () => {
  const text = createMetrics(declared).text()
  expect(named.length).toBeGreaterThan(10)
  for (const name of named) expect(text).toContain(`# TYPE ${name} `)
})

test('every label that an alert asks for is one of its metric', () => {
  for (const [, name = '', selectors = ''] of rules.matchAll(/\b(gatehouse_[a-z_]+)\{([^}]*)\}/g)) {
    const labels = [...selectors.matchAll(/([a-z_]+)\s*(?:=~|!=|=)/g)].map(([, label]) => label)
    const { labels: known } = declared[name as keyof typeof declared] // named, see the test above
    for (const label of labels) expect(known, name).toContain(label)
  }
})

test('every metric is told of in the documentation, by its name and labels', () => {
  const documentation = readFileSync(resolve(root, 'docs/interfaces.md'), 'utf8')
  for (const [name, { labels }] of Object.entries(declared))
    expect(documentation).toContain(`${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`}\``)
})
