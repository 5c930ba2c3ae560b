//! The attribute names that we write. As constants, because the macro for them trips a lint in functions.

use rxml::{NcNameStr, xml_ncname};

pub(super) const CID: &NcNameStr = xml_ncname!("cid");
pub(super) const CODE: &NcNameStr = xml_ncname!("code");
pub(super) const EVENT: &NcNameStr = xml_ncname!("event");
pub(super) const EXECUTE: &NcNameStr = xml_ncname!("execute");
pub(super) const EXISTS: &NcNameStr = xml_ncname!("exists");
pub(super) const FROM: &NcNameStr = xml_ncname!("from");
pub(super) const HEIGHT: &NcNameStr = xml_ncname!("height");
pub(super) const ID: &NcNameStr = xml_ncname!("id");
pub(super) const INVITATIONS: &NcNameStr = xml_ncname!("invitations");
pub(super) const INVITER: &NcNameStr = xml_ncname!("inviter");
pub(super) const ITERATIONS: &NcNameStr = xml_ncname!("iterations");
pub(super) const KEEP: &NcNameStr = xml_ncname!("keep");
pub(super) const LABEL: &NcNameStr = xml_ncname!("label");
pub(super) const LANG: &NcNameStr = xml_ncname!("lang");
pub(super) const MAX_AGE: &NcNameStr = xml_ncname!("max-age");
pub(super) const MECHANISM: &NcNameStr = xml_ncname!("mechanism");
pub(super) const NODE: &NcNameStr = xml_ncname!("node");
pub(super) const REGISTRATION: &NcNameStr = xml_ncname!("registration");
pub(super) const SALT: &NcNameStr = xml_ncname!("salt");
pub(super) const SERVER_KEY: &NcNameStr = xml_ncname!("server-key");
pub(super) const SESSIONID: &NcNameStr = xml_ncname!("sessionid");
pub(super) const STATE: &NcNameStr = xml_ncname!("state");
pub(super) const STATUS: &NcNameStr = xml_ncname!("status");
pub(super) const STORED_KEY: &NcNameStr = xml_ncname!("stored-key");
pub(super) const STREAM: &NcNameStr = xml_ncname!("stream");
pub(super) const TICKET: &NcNameStr = xml_ncname!("ticket");
pub(super) const TO: &NcNameStr = xml_ncname!("to");
pub(super) const TYPE: &NcNameStr = xml_ncname!("type");
pub(super) const USER: &NcNameStr = xml_ncname!("user");
pub(super) const VAR: &NcNameStr = xml_ncname!("var");
pub(super) const WIDTH: &NcNameStr = xml_ncname!("width");
