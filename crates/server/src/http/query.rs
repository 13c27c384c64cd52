//! Query strings: typed, no unknown parameters, no NUL.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use tyrian_api_types::ErrorCode;

use crate::error::ApiError;

/// The parameters after the `?`.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = request.query_string();
        if query.to_ascii_lowercase().contains("%00") || query.contains('\0') {
            return ready(Err(ApiError::field("/query", "nul", "A NUL character cannot be looked for: remove it.")));
        }
        ready(match actix_web::web::Query::<T>::from_query(query) {
            Ok(value) => Ok(Self(value.into_inner())),
            Err(e) => Err(ApiError::new(ErrorCode::InvalidQuery, e.to_string())),
        })
    }
}
