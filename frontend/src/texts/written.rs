//! Dates and numbers as the reader's locale writes them, by the browser's `Intl`.
//!
//! Making a formatter costs more than using it a thousand times, so each is made once. Native tests have no browser: they
//! read what British English writes.

use chrono::{DateTime, NaiveDate, Utc};

/// What of a moment is written. The examples are British.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `9 Mar 2026`
    Day,
    /// `9 Mar`
    ShortDay,
    /// `Mar 2026`
    Month,
    /// `Mon 9`
    WeekdayAndDay,
    /// `Mon, 9 Mar 2026`
    WeekdayAndDate,
    /// `9 Mar 2026, 14:02`
    DayAndTime,
    /// `14:02`
    HourAndMinute,
    /// `14:02:31`
    Clock,
}

/// A moment in the reader's zone.
pub fn local(at: DateTime<Utc>, shape: Shape) -> String {
    here::written(at, shape, false)
}

/// A moment in UTC, or one that was shifted before.
pub fn utc(at: DateTime<Utc>, shape: Shape) -> String {
    here::written(at, shape, true)
}

/// A day, which is in no zone.
pub fn day(day: NaiveDate, shape: Shape) -> String {
    utc(day.and_time(chrono::NaiveTime::MIN).and_utc(), shape)
}

/// From one day to another: `9–20 Mar 2026`.
pub fn days(from: NaiveDate, to: NaiveDate) -> String {
    here::range(from.and_time(chrono::NaiveTime::MIN).and_utc(), to.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// A count: `1,204`.
pub fn number(n: u64) -> String {
    if n < 1_000 { n.to_string() } else { here::number(n) }
}

/// Tenths: `4.1` of 41.
pub fn tenths(n: u64) -> String {
    here::tenths(n)
}

#[cfg(target_arch = "wasm32")]
mod here {
    use std::cell::{OnceCell, RefCell};
    use std::collections::HashMap;

    use chrono::{DateTime, Utc};
    use js_sys::Intl::{DateTimeFormat, NumberFormat};
    use js_sys::{Array, Date, Function, Object, Reflect};
    use wasm_bindgen::JsValue;

    use super::Shape;

    thread_local! {
        static MADE: RefCell<HashMap<(Shape, bool), (DateTimeFormat, Function)>> = RefCell::default();
        static NUMBERS: OnceCell<Function> = const { OnceCell::new() };
        static TENTHS: OnceCell<Function> = const { OnceCell::new() };
    }

    fn options(pairs: &[(&str, &str)]) -> Object {
        let options = Object::new();
        for (name, value) in pairs {
            let _ = Reflect::set(&options, &(*name).into(), &(*value).into());
        }
        options
    }

    fn locales() -> Array {
        Array::of1(&crate::texts::locale().into())
    }

    fn with_format<T>(shape: Shape, utc: bool, ask: impl FnOnce(&DateTimeFormat, &Function) -> T) -> T {
        MADE.with_borrow_mut(|made| {
            let (format, write) = made.entry((shape, utc)).or_insert_with(|| {
                let mut parts: Vec<(&str, &str)> = match shape {
                    Shape::Day => vec![("day", "numeric"), ("month", "short"), ("year", "numeric")],
                    Shape::ShortDay => vec![("day", "numeric"), ("month", "short")],
                    Shape::Month => vec![("month", "short"), ("year", "numeric")],
                    Shape::WeekdayAndDay => vec![("weekday", "short"), ("day", "numeric")],
                    Shape::WeekdayAndDate => vec![("weekday", "short"), ("day", "numeric"), ("month", "short"), ("year", "numeric")],
                    Shape::DayAndTime => {
                        vec![("day", "numeric"), ("month", "short"), ("year", "numeric"), ("hour", "2-digit"), ("minute", "2-digit")]
                    }
                    Shape::HourAndMinute => vec![("hour", "2-digit"), ("minute", "2-digit")],
                    Shape::Clock => vec![("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit")],
                };
                if utc {
                    parts.push(("timeZone", "UTC"));
                }
                // as logs and the fields write it, whatever the locale: nobody is to take 01:48 of the afternoon for one of the night
                parts.push(("hourCycle", "h23"));
                let format = DateTimeFormat::new(&locales(), &options(&parts));
                let write = format.format();
                (format, write)
            });
            ask(format, write)
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit an f64 for 280 000 years")]
    fn date(at: DateTime<Utc>) -> Date {
        Date::new(&JsValue::from_f64(at.timestamp_millis() as f64))
    }

    pub fn written(at: DateTime<Utc>, shape: Shape, utc: bool) -> String {
        with_format(shape, utc, |_, write| {
            write.call1(&JsValue::NULL, &date(at)).ok().and_then(|text| text.as_string()).unwrap_or_default()
        })
    }

    pub fn range(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
        with_format(Shape::Day, true, |format, _| format.format_range(&date(from), &date(to)).map(String::from).unwrap_or_default())
    }

    fn write(write: &Function, n: f64) -> String {
        write.call1(&JsValue::NULL, &n.into()).ok().and_then(|text| text.as_string()).unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of rows and bytes")]
    pub fn number(n: u64) -> String {
        NUMBERS.with(|made| write(made.get_or_init(|| NumberFormat::new(&locales(), &Object::new()).format()), n as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of rows and bytes")]
    pub fn tenths(n: u64) -> String {
        TENTHS.with(|made| {
            let make = || {
                let options = options(&[]);
                let _ = Reflect::set(&options, &"minimumFractionDigits".into(), &1.into());
                let _ = Reflect::set(&options, &"maximumFractionDigits".into(), &1.into());
                NumberFormat::new(&locales(), &options).format()
            };
            write(made.get_or_init(make), n as f64 / 10.0)
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod here {
    use chrono::{DateTime, Utc};

    use super::Shape;

    pub fn written(at: DateTime<Utc>, shape: Shape, _utc: bool) -> String {
        let format = match shape {
            Shape::Day => "%-d %b %Y",
            Shape::ShortDay => "%-d %b",
            Shape::Month => "%b %Y",
            Shape::WeekdayAndDay => "%a %-d",
            Shape::WeekdayAndDate => "%a, %-d %b %Y",
            Shape::DayAndTime => "%-d %b %Y, %H:%M",
            Shape::HourAndMinute => "%H:%M",
            Shape::Clock => "%H:%M:%S",
        };
        at.format(format).to_string()
    }

    pub fn range(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
        format!("{} – {}", written(from, Shape::Day, true), written(to, Shape::Day, true))
    }

    pub fn number(n: u64) -> String {
        n.to_string()
    }

    pub fn tenths(n: u64) -> String {
        format!("{}.{}", n / 10, n % 10)
    }
}
