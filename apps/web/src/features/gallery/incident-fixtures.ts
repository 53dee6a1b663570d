import type { Wire } from '@gatehouse/contract'
import { inMinutes } from './moments.ts'

type Incident = Wire<'incident.get'>

const detected = -26 * 60

const incident = (id: string, title: string, over: Partial<Incident>): Incident => ({
  id,
  title,
  kind: 'other',
  severity: 'medium',
  state: 'detected',
  stateSince: inMinutes(detected),
  owner: null,
  breach: false,
  detectedAt: inMinutes(detected),
  openedAt: inMinutes(detected),
  openedBy: 'ada',
  nextClock: null,
  closedAt: null,
  nextStates: ['triaged', 'false-positive'],
  description: '',
  classification: 'internal',
  affected: [],
  dataSubjects: '',
  functions: [],
  authorityDueAt: null,
  notifiedAt: null,
  resolution: null,
  unfinished: null,
  clocks: [],
  timeline: [],
  evidence: [],
  actions: [],
  notices: [],
  whole: true,
  workflowUrl: null,
  ...over,
})

const step = (id: string, kind: Incident['timeline'][number]['kind'], over: Partial<Incident['timeline'][number]>) => ({
  id,
  kind,
  at: inMinutes(detected),
  state: null,
  text: '',
  by: 'ada',
  entry: null,
  request: null,
  session: null,
  ...over,
})

const clock = (name: Incident['clocks'][number]['name'], hours: number, state: 'waiting' | 'fired' | 'met') => ({
  name,
  dueAt: inMinutes(detected + hours * 60),
  state,
})

/** What happened in the gallery. */
export const incidents: readonly Incident[] = [
  incident('in1', 'Keys of the shop on a public page', {
    kind: 'credential',
    severity: 'critical',
    state: 'contained',
    stateSince: inMinutes(-20 * 60),
    owner: 'grace',
    breach: true,
    nextClock: clock('authority-48h', 48, 'waiting'),
    nextStates: ['eradicated'],
    description: 'A build log with two keys of the shop was public for four hours.',
    classification: 'confidential',
    affected: ['shop', 'db-2.example.org'],
    dataSubjects: 'customers of the shop',
    functions: ['detect', 'respond'],
    authorityDueAt: inMinutes(detected + 72 * 60),
    clocks: [
      clock('respond', 0.25, 'met'),
      clock('authority-24h', 24, 'fired'),
      clock('authority-48h', 48, 'waiting'),
      clock('authority-66h', 66, 'waiting'),
      clock('authority-72h', 72, 'waiting'),
    ],
    timeline: [
      step('s1', 'opened', { state: 'detected', text: 'Keys of the shop on a public page' }),
      step('s2', 'moved', { state: 'triaged', at: inMinutes(detected + 9), text: 'the keys are real', by: 'grace' }),
      step('s3', 'entry', { at: inMinutes(detected + 40), entry: 'e2', by: 'grace' }),
      step('s4', 'moved', { state: 'contained', at: inMinutes(-20 * 60), text: 'both keys are revoked', by: 'grace' }),
      step('s8', 'emergency', {
        at: inMinutes(-65),
        request: 'r1',
        text: 'asked for emergency access to shop',
        by: 'eve',
      }),
      step('s5', 'clock', { at: inMinutes(-120), text: '24 of the 72 hours to tell the authority are over', by: null }),
    ],
    evidence: [
      {
        id: 'ev1',
        name: 'build.log',
        sha256: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
        size: 48_213,
        location: 's3://evidence/in1/build.log',
        description: '',
        addedBy: 'grace',
        addedAt: inMinutes(-22 * 60),
      },
    ],
    actions: [
      {
        id: 'ac1',
        what: 'Mask keys in build logs',
        owner: 'boris',
        dueAt: inMinutes(5 * 24 * 60),
        doneAt: null,
        doneBy: null,
      },
    ],
    notices: [
      {
        id: 'no1',
        incident: 'in1',
        version: 1,
        document: '# Notification of a personal data breach (GDPR Art. 33)\n\n- To: not sent yet (draft)\n',
        parts: {
          nature: 'A build log with two keys of the shop was public for four hours.',
          subjectCategories: 'customers of the shop',
          subjectCount: 400,
          recordCategories: 'names, addresses, orders',
          recordCount: 1200,
          contact: 'dpo@example.org',
          consequences: null,
          measures: null,
          delayReason: null,
        },
        missing: ['the likely consequences', 'the measures'],
        sentTo: null,
        sentAt: null,
        by: 'grace',
        writtenAt: inMinutes(-19 * 60),
        authorityDueAt: inMinutes(detected + 72 * 60),
      },
    ],
  }),
  incident('in2', 'Log-ins to many accounts fail', {
    kind: 'account',
    severity: 'high',
    openedBy: 'monitoring',
    nextClock: clock('respond', 27, 'waiting'),
    clocks: [clock('respond', 27, 'waiting')],
    timeline: [step('s6', 'opened', { state: 'detected', by: 'monitoring', text: 'Log-ins to many accounts fail' })],
  }),
  incident('in3', 'Disk of db-2 full', {
    kind: 'availability',
    severity: 'low',
    state: 'post-mortem',
    owner: 'boris',
    nextStates: ['closed'],
    actions: [{ id: 'ac2', what: 'Watch disks', owner: 'boris', dueAt: null, doneAt: null, doneBy: null }],
  }),
]
