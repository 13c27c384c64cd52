//! Comments as they travel, and whom they mention.

use tyrian_api_types::comments::Comment;
use tyrian_api_types::users::Author;
use tyrian_domain::comment::{Mentionable, mentions};
use tyrian_domain::mission::RoleHint;
use uuid::Uuid;

use super::store::{CommentRow, Person};

/// The people whom a text mentions, each once, in the order in which it does.
pub fn mentioned<'p>(body: &str, people: &'p [Person]) -> Vec<&'p Person> {
    if !body.contains('@') {
        return Vec::new();
    }
    let named: Vec<Mentionable<'_, Uuid>> =
        people.iter().map(|p| Mentionable { id: p.id, name: &p.display_name, email: &p.email }).collect();
    let mut found: Vec<&Person> = Vec::new();
    for mention in mentions(body, &named) {
        if !found.iter().any(|p| p.id == mention.id) {
            found.extend(people.iter().find(|p| p.id == mention.id));
        }
    }
    found
}

/// May this member see the test that a comment is about? On the mission as a whole, `disclosed` is true.
pub fn sees(person: &Person, disclosed: bool) -> bool {
    let blue_side = matches!(RoleHint::parse(&person.role_hint), Some(RoleHint::Blue | RoleHint::Observer) | None);
    person.reads_missions && (disclosed || !blue_side)
}

/// A comment with its author and mentions.
pub fn comment(row: CommentRow, people: &[Person]) -> Comment {
    let c = row.comment;
    let mentions = mentioned(&c.body, people).into_iter().map(|p| Author { id: p.id, display_name: p.display_name.clone() }).collect();
    Comment {
        id: c.id,
        mission_test_id: c.mission_test_id,
        author: c.author_id.zip(row.author_name).map(|(id, display_name)| Author { id, display_name }),
        mentions,
        body: c.body,
        edited_at: c.edited_at,
        version: c.version,
        created_at: c.created_at,
    }
}
