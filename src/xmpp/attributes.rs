//! The attribute names that we write.
#![expect(clippy::transmute_ptr_to_ptr, reason = "inside the macro of rxml")]

use rxml::{NcNameStr, xml_ncname};

pub(super) const CODE: &NcNameStr = xml_ncname!("code");
pub(super) const FROM: &NcNameStr = xml_ncname!("from");
pub(super) const ID: &NcNameStr = xml_ncname!("id");
pub(super) const STREAM: &NcNameStr = xml_ncname!("stream");
pub(super) const TO: &NcNameStr = xml_ncname!("to");
pub(super) const TYPE: &NcNameStr = xml_ncname!("type");
