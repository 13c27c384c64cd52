//! Tables as data: their columns and kinds from the entities, their values as JSON.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Value as SqlValue};
use sea_orm::{ColumnType, Iterable as _, PrimaryKeyToColumn, QueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A UUID.
    Uuid,
    /// Text.
    Text,
    /// Yes or no.
    Bool,
    /// 32 bits.
    Int,
    /// 64 bits.
    BigInt,
    /// A time with its zone.
    Timestamp,
    /// A day.
    Date,
    /// JSON, which is written as text: so that its null is not taken for the column's.
    Json,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The columns of its primary key, by which its rows are ordered.
    pub key: Vec<String>,
}

impl Kind {
    fn of(kind: &ColumnType) -> Option<Self> {
        Some(match kind {
            ColumnType::Uuid => Self::Uuid,
            ColumnType::Text | ColumnType::String(_) => Self::Text,
            ColumnType::Boolean => Self::Bool,
            ColumnType::Integer => Self::Int,
            ColumnType::BigInteger => Self::BigInt,
            ColumnType::TimestampWithTimeZone => Self::Timestamp,
            ColumnType::Date => Self::Date,
            ColumnType::Json | ColumnType::JsonBinary => Self::Json,
            _ => return None,
        })
    }

    /// The value of a row's column as JSON.
    pub fn read(self, row: &QueryResult, at: usize) -> Result<Value, DbErr> {
        fn get<T: sea_orm::TryGetable + Serialize>(row: &QueryResult, at: usize) -> Result<Value, DbErr> {
            serde_json::to_value(row.try_get_by_index::<Option<T>>(at)?).map_err(|e| DbErr::Custom(e.to_string()))
        }
        match self {
            Self::Uuid => get::<Uuid>(row, at),
            Self::Text => get::<String>(row, at),
            Self::Bool => get::<bool>(row, at),
            Self::Int => get::<i32>(row, at),
            Self::BigInt => get::<i64>(row, at),
            Self::Timestamp => get::<DateTimeUtc>(row, at),
            Self::Date => get::<Date>(row, at),
            Self::Json => Ok(row.try_get_by_index::<Option<Json>>(at)?.map(|json| json.to_string()).into()),
        }
    }

    /// The same on its way back. None: no value of this kind.
    pub fn write(self, value: Value) -> Option<SqlValue> {
        fn set<T: serde::de::DeserializeOwned>(value: Value) -> Option<SqlValue>
        where
            Option<T>: Into<SqlValue>,
        {
            Some(serde_json::from_value::<Option<T>>(value).ok()?.into())
        }
        match self {
            Self::Uuid => set::<Uuid>(value),
            Self::Text => set::<String>(value),
            Self::Bool => set::<bool>(value),
            Self::Int => set::<i32>(value),
            Self::BigInt => set::<i64>(value),
            Self::Timestamp => set::<DateTimeUtc>(value),
            Self::Date => set::<Date>(value),
            Self::Json => match value {
                Value::String(text) => Some(Some(serde_json::from_str::<Json>(&text).ok()?).into()),
                Value::Null => Some(None::<Json>.into()),
                _ => None,
            },
        }
    }
}

fn table<E: EntityTrait>() -> Option<Table> {
    let columns = E::Column::iter().map(|c| Some(Column { name: c.as_str().to_owned(), kind: Kind::of(c.def().get_column_type())? }));
    Some(Table {
        name: E::default().table_name().to_owned(),
        columns: columns.collect::<Option<_>>()?,
        key: E::PrimaryKey::iter().map(|key| key.into_column().as_str().to_owned()).collect(),
    })
}

/// Every table, in an order in which rows can be added: what a key points to comes first.
pub fn all() -> anyhow::Result<Vec<Table>> {
    macro_rules! tables {
        ($($name:ident)*) => { [$((stringify!($name), table::<tyrian_entity::$name::Entity>()),)*] };
    }
    let tables = tables! {
        user group permission user_group group_permission invitation invitation_group refresh_token api_token recovery_code
        password_reset user_identity mitre_tactic mitre_technique mitre_subtechnique mitre_technique_tactic search_text test_template
        test_template_mitre_tag
        scenario_template scenario_template_test detection_level mission mission_member mission_scenario mission_category
        mission_test mission_test_mitre_tag evidence_file defence_tool mission_test_detection mission_source mission_test_result
        mission_comment mission_event setting notification idempotency_key download_ticket job catalogue_sync audit_event audit_head stamp
    };
    tables
        .into_iter()
        .map(|(name, table)| table.ok_or_else(|| anyhow::anyhow!("{name} has a column of a kind that no backup knows")))
        .collect()
}

impl Table {
    /// A row's values, in the order of the columns.
    pub fn read(&self, row: &QueryResult) -> Result<Vec<Value>, DbErr> {
        self.columns.iter().enumerate().map(|(at, column)| column.kind.read(row, at)).collect()
    }

    /// All rows, in the order of the key.
    pub fn select(&self) -> sea_orm::sea_query::SelectStatement {
        let mut select = sea_orm::sea_query::Query::select();
        select.columns(self.columns.iter().map(|c| Alias::new(&c.name))).from(Alias::new(&self.name));
        for column in &self.key {
            select.order_by(Alias::new(column), sea_orm::Order::Asc);
        }
        select
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went() {
        let id = Uuid::now_v7();
        let at = crate::now();
        for (kind, value, back) in [
            (Kind::Uuid, serde_json::json!(id), SqlValue::from(Some(id))),
            (Kind::Text, serde_json::json!("a\u{0}\n\"ü"), Some("a\u{0}\n\"ü".to_owned()).into()),
            (Kind::Bool, serde_json::json!(false), Some(false).into()),
            (Kind::Int, serde_json::json!(-1), Some(-1i32).into()),
            (Kind::BigInt, serde_json::json!(i64::MAX), Some(i64::MAX).into()),
            (Kind::Timestamp, serde_json::json!(at), Some(at).into()),
            (Kind::Json, serde_json::json!("null"), Some(Json::Null).into()),
            (Kind::Json, Value::Null, None::<Json>.into()),
            (Kind::Text, Value::Null, None::<String>.into()),
        ] {
            assert_eq!(kind.write(value), Some(back));
        }
        assert!(Kind::Uuid.write("no uuid".into()).is_none() && Kind::Int.write((1i64 << 40).into()).is_none());
        assert!(Kind::Json.write("{".into()).is_none() && Kind::Json.write(1.into()).is_none());
    }
}
