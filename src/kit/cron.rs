//! Five-field cron as kits write it, and `EventBridge`'s six fields.

use std::collections::BTreeSet;

/// A field: its name, least and greatest value, and names that stand for values from the least on.
struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The days that each month can have.
const LENGTHS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, names: &[] },
    Field { name: "hour", least: 0, most: 23, names: &[] },
    Field { name: "day of month", least: 1, most: 31, names: &[] },
    Field { name: "month", least: 1, most: 12, names: &MONTHS },
    Field { name: "day of week", least: 0, most: 7, names: &DAYS },
];

/// Whether a text is a five-field cron expression that fires at all: numbers, names of months and
/// days, `*`, lists, ranges and steps. The error says why not, for a person.
pub fn check(expression: &str) -> Result<(), String> {
    parse(expression).map(|_| ())
}

/// The same times as `EventBridge` writes them: `17 3 * * *` is `cron(17 3 * * ? *)`.
///
/// `EventBridge` counts days of the week from 1 (Sunday), has a year, and one of the two day fields
/// must be `?`. Where both days are restricted cron fires when either matches, which it cannot
/// express: that is an error. Source: Amazon `EventBridge` user guide, "Cron expressions reference".
pub fn to_eventbridge(expression: &str) -> Result<String, String> {
    let [minute, hour, day, month, weekday] = parse(expression)?;
    let (day, weekday) = match (&day, &weekday) {
        (Some(_), Some(_)) => {
            return Err("day of month and day of week are both restricted, which EventBridge \
                        cannot express: write two jobs, or leave one of them `*`"
                .to_owned());
        }
        (_, None) => (written(day.as_ref()), "?".to_owned()),
        (None, Some(days)) => {
            let renumbered = days.iter().map(|day| day + 1).collect();
            ("?".to_owned(), written(Some(&renumbered)))
        }
    };
    let (minute, hour, month) =
        (written(minute.as_ref()), written(hour.as_ref()), written(month.as_ref()));
    Ok(format!("cron({minute} {hour} {day} {month} {weekday} *)"))
}

/// The same times as Cloud Scheduler takes them: five fields in numbers, Sunday always 0.
pub fn to_unix(expression: &str) -> Result<String, String> {
    let fields = parse(expression)?;
    let fields: Vec<String> = fields.iter().map(|field| written(field.as_ref())).collect();
    Ok(fields.join(" "))
}

/// The values of a field; `None` is all of them.
type Values = Option<BTreeSet<u8>>;

fn parse(expression: &str) -> Result<[Values; 5], String> {
    let parts: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts.as_slice() else {
        return Err(format!("it has {} fields instead of five", parts.len()));
    };
    let read = |index: usize, text| values(&FIELDS[index], text);
    let parsed =
        [read(0, minute)?, read(1, hour)?, read(2, day)?, read(3, month)?, read(4, weekday)?];
    if let [_, _, Some(days), Some(months), None] = &parsed {
        let longest = months.iter().map(|month| LENGTHS[usize::from(*month) - 1]).max();
        if days.first().copied() > longest {
            return Err("no month it names has such a day: it would never fire".to_owned());
        }
    }
    Ok(parsed)
}

fn values(field: &Field, text: &str) -> Result<Values, String> {
    let mut values = BTreeSet::new();
    for item in text.split(',') {
        let (range, step) = match item.split_once('/') {
            None => (item, 1),
            Some((range, step)) => {
                (range, number(step).filter(|step| *step > 0).ok_or_else(|| bad(field, item))?)
            }
        };
        let (least, most) = match range.split_once('-') {
            _ if range == "*" => (field.least, last(field)),
            Some((least, most)) => (value(field, least)?, value(field, most)?),
            None if item.contains('/') => {
                return Err(format!("{} `{item}`: a step follows * or a range", field.name));
            }
            None => (value(field, range)?, value(field, range)?),
        };
        if least > most {
            return Err(format!("{} `{item}`: the range runs backwards", field.name));
        }
        values.extend((least..=most).step_by(usize::from(step)));
    }
    if field.names == DAYS && values.remove(&7) {
        values.insert(0);
    }
    let all = usize::from(last(field) - field.least) + 1;
    Ok((values.len() < all).then_some(values))
}

/// The last value that is not another name of the first: Sunday is 0 and 7.
fn last(field: &Field) -> u8 {
    if field.names == DAYS { 6 } else { field.most }
}

/// One value: a number in range, or a name.
fn value(field: &Field, text: &str) -> Result<u8, String> {
    let named = field.names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let named = named.and_then(|index| u8::try_from(index).ok()).map(|index| index + field.least);
    let number = number(text).filter(|number| (field.least..=field.most).contains(number));
    named.or(number).ok_or_else(|| bad(field, text))
}

fn number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn bad(field: &Field, text: &str) -> String {
    format!("{} `{text}` is not in the range {} to {}", field.name, field.least, field.most)
}

/// `*`, or values with runs of three and more as ranges.
fn written(values: Option<&BTreeSet<u8>>) -> String {
    let Some(values) = values else { return "*".to_owned() };
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == *value => *end = *value,
            _ => runs.push((*value, *value)),
        }
    }
    let run = |(start, end): &(u8, u8)| match end - start {
        0 => start.to_string(),
        1 => format!("{start},{end}"),
        _ => format!("{start}-{end}"),
    };
    runs.iter().map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eventbridge_gets_the_same_times() {
        for (cron, expected) in [
            ("17 3 * * *", "cron(17 3 * * ? *)"),
            ("0 0 1 * *", "cron(0 0 1 * ? *)"),
            ("*/15 * * * *", "cron(0,15,30,45 * * * ? *)"),
            ("0 9-17/4 * * *", "cron(0 9,13,17 * * ? *)"),
            ("0 6 * * 1-5", "cron(0 6 ? * 2-6 *)"),
            ("0 6 * * mon-fri", "cron(0 6 ? * 2-6 *)"),
            ("0 6 * * 0", "cron(0 6 ? * 1 *)"),
            ("0 6 * * 7", "cron(0 6 ? * 1 *)"),
            ("0 6 * * 5-7", "cron(0 6 ? * 1,6,7 *)"),
            ("0 6 * * 0-6", "cron(0 6 * * ? *)"),
            ("0 6 * * 1-7", "cron(0 6 * * ? *)"),
            ("0 6 * JAN,3 SUN", "cron(0 6 ? 1,3 1 *)"),
            ("0 6 29 2 *", "cron(0 6 29 2 ? *)"),
        ] {
            assert_eq!(to_eventbridge(cron).as_deref(), Ok(expected), "{cron}");
        }
    }

    #[test]
    fn cloud_scheduler_gets_the_same_times() {
        for (cron, expected) in [
            ("17 3 * * *", "17 3 * * *"),
            ("*/15 * * * *", "0,15,30,45 * * * *"),
            ("0 6 * * mon-fri", "0 6 * * 1-5"),
            ("0 6 * * 7", "0 6 * * 0"),
            ("0 0 1 * 1", "0 0 1 * 1"),
        ] {
            assert_eq!(to_unix(cron).as_deref(), Ok(expected), "{cron}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (cron, expected) in [
            ("* * * *", "4 fields"),
            ("@daily", "1 fields"),
            ("60 * * * *", "minute `60`"),
            ("* 24 * * *", "hour `24`"),
            ("* * 0 * *", "day of month `0`"),
            ("* * * 13 *", "month `13`"),
            ("* * * * 8", "day of week `8`"),
            ("* * * * mo", "day of week `mo`"),
            ("5/15 * * * *", "a step follows"),
            ("*/0 * * * *", "minute `*/0`"),
            ("30-10 * * * *", "backwards"),
            ("0 0 30 2 *", "never fire"),
            (",1 * * * *", "minute ``"),
            ("-1 * * * *", "minute ``"),
        ] {
            let error = check(cron).err();
            assert!(error.as_ref().is_some_and(|why| why.contains(expected)), "{cron}: {error:?}");
        }
        let both = to_eventbridge("0 0 1 * 1");
        assert!(both.is_err_and(|why| why.contains("both restricted")));
        assert!(check("0 0 1 * 1").is_ok());
    }
}
