//! Where a request ends is said in one way. A request that says it in two is read in one place by us and in another by a
//! proxy before us: what stands between both is then a request that nobody sent (request smuggling, RFC 9112 section 11.2).

use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderValue, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::PageError;

/// Refuses a length beside chunks, and closes the connection after any request in chunks (RFC 9112 section 6.1): nothing behind
/// it is ever read as another request. Browsers send no chunks; who does opens another connection.
pub(super) async fn hold(request: Request, next: Next) -> Response {
    if !request.headers().contains_key(TRANSFER_ENCODING) || request.version() > Version::HTTP_11 {
        return next.run(request).await;
    }
    let mut response = if request.headers().contains_key(CONTENT_LENGTH) {
        PageError::BadRequest("Cette demande dit sa longueur de deux façons.".to_owned()).into_response()
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
