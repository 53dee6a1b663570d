import type { Wire } from '@gatehouse/contract'
import type { JSX } from 'solid-js'
import { TextAreaField, TextField } from '../../ui/field.tsx'
import { LocalProblem } from '../../words.ts'
import { ActDialog } from '../answer/act-dialog.tsx'
import { linesOf, shiftLines, shiftsIn } from './calendar-words.ts'

type Calendar = Wire<'calendar.get'>

/** Sets when people work in a workspace. What policies see of it changes at once. */
export function CalendarDialog(props: {
  calendar: Calendar
  onDone: (calendar: Calendar) => void
  onClose: () => void
}): JSX.Element {
  return (
    <ActDialog
      name="calendar.set"
      title="Change calendar"
      verb="Save"
      onClose={props.onClose}
      onDone={props.onDone}
      initial={{
        timeZone: props.calendar.ownTimeZone ? props.calendar.timeZone : '',
        businessHours: props.calendar.businessHours.join('\n'),
        holidays: props.calendar.holidays.join('\n'),
        onCall: shiftLines(props.calendar.onCall),
      }}
      input={({ timeZone = '', businessHours, holidays, onCall }) => ({
        id: props.calendar.workspace,
        timeZone,
        businessHours: linesOf(businessHours),
        holidays: linesOf(holidays),
        onCall: requireShifts(onCall),
      })}
      done={() => 'Calendar saved.'}
      fields={(form) => (
        <>
          <TextField
            label="Time zone"
            placeholder="Europe/Helsinki"
            hint="Empty: the environment's."
            autocomplete="off"
            value={form.values()['timeZone']}
            problem={form.problem('timeZone')}
            onText={form.set('timeZone')}
          />
          <TextAreaField
            label="Business hours"
            hint="One span a line, such as mon-fri 08:00-18:00."
            rows={2}
            value={form.values()['businessHours'] ?? ''}
            problem={form.problem('businessHours')}
            onText={form.set('businessHours')}
          />
          <TextAreaField
            label="Holidays"
            hint="Dates such as 2026-12-24, one a line or by commas."
            rows={4}
            value={form.values()['holidays'] ?? ''}
            problem={form.problem('holidays')}
            onText={form.set('holidays')}
          />
          <TextAreaField
            label="On call"
            hint="One shift a line: user name, from, to. Such as ada 2026-11-28T08:00Z 2026-11-28T20:00Z"
            rows={4}
            mono
            value={form.values()['onCall'] ?? ''}
            problem={form.problem('onCall')}
            onText={form.set('onCall')}
          />
        </>
      )}
    >
      <p class="muted">Policies read these hours, holidays and shifts from the next request on.</p>
    </ActDialog>
  )
}

function requireShifts(text: string | undefined) {
  const found = shiftsIn(text)
  if ('shifts' in found) return found.shifts
  throw new LocalProblem({
    title: `Line ${found.wrongLine} under On call is no shift.`,
    next: 'Write a user name, when the shift begins and when it ends, separated by spaces.',
  })
}
