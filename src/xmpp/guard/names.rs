//! Namespace rules of XML that the raw parser leaves to its user (Namespaces in XML 1.0 §3, §5, §6.3).

use rxml::{NcName, RawQName};

/// Why the names of an element cannot be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameFault {
    /// A prefix that nothing declares.
    UndeclaredPrefix,
    /// A declaration that XML forbids (Namespaces in XML 1.0 §3).
    BadDeclaration,
    /// Two attributes with one name.
    DuplicateAttribute,
    /// More attributes or declarations than anybody needs.
    TooMany,
}

/// Bounds the comparison of attributes with each other, and the search for a prefix.
const MOST_ATTRIBUTES: usize = 64;
const MOST_DECLARATIONS: usize = 64;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The declarations in scope, and the head that is being read.
#[derive(Debug, Default)]
pub(super) struct Names {
    declarations: Vec<Declaration>,
    depth: usize,
    element: Option<RawQName>,
    attributes: Vec<RawQName>,
    fault: Option<NameFault>,
}

#[derive(Debug)]
struct Declaration {
    depth: usize,
    /// `None` for the default namespace.
    prefix: Option<String>,
    namespace: String,
}

impl Names {
    /// An element begins.
    pub(super) fn open(&mut self, name: RawQName) {
        self.depth += 1;
        self.element = Some(name);
        self.attributes.clear();
        self.fault = None;
    }

    /// An attribute of the element that began last.
    pub(super) fn attribute(&mut self, name: RawQName, value: String) {
        let declared = match &name {
            (Some(prefix), local) if prefix == "xmlns" => Some(Some(local.to_string())),
            (None, local) if local == "xmlns" => Some(None),
            _ => None,
        };
        if let Some(prefix) = declared {
            self.declare(prefix, value);
        }
        if self.attributes.len() == MOST_ATTRIBUTES {
            self.fault = Some(NameFault::TooMany);
        } else {
            self.attributes.push(name);
        }
    }

    /// The head is complete: what is wrong with its names, if anything.
    pub(super) fn check_head(&self) -> Result<(), NameFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        self.check_attributes()?;
        self.element().map(|_| ()).ok_or(NameFault::UndeclaredPrefix)
    }

    /// Namespace (empty for none) and name of the element whose head was read last.
    pub(super) fn element(&self) -> Option<(&str, &str)> {
        let (prefix, local) = self.element.as_ref()?;
        Some((self.resolve(prefix.as_ref().map(NcName::as_str))?, local.as_str()))
    }

    /// The element that began last and has not ended yet ends.
    pub(super) fn close_element(&mut self) {
        while self.declarations.last().is_some_and(|declaration| declaration.depth == self.depth) {
            self.declarations.pop();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// Forgets everything below `depth` levels: a stanza that is refused is not followed any further.
    pub(super) fn return_to(&mut self, depth: usize) {
        self.declarations.retain(|declaration| declaration.depth <= depth);
        self.depth = depth;
    }

    fn declare(&mut self, prefix: Option<String>, namespace: String) {
        // The other forbidden declarations are found by the raw parser itself.
        if namespace == XMLNS {
            self.fault = Some(NameFault::BadDeclaration);
        } else if self.declarations.len() == MOST_DECLARATIONS {
            self.fault = Some(NameFault::TooMany);
        } else {
            self.declarations.push(Declaration { depth: self.depth, prefix, namespace });
        }
    }

    fn check_attributes(&self) -> Result<(), NameFault> {
        for (index, (prefix, local)) in self.attributes.iter().enumerate() {
            let namespace = self.attribute_namespace(prefix.as_ref().map(NcName::as_str))?;
            for (other_prefix, other_local) in &self.attributes[..index] {
                if local == other_local
                    && self.attribute_namespace(other_prefix.as_ref().map(NcName::as_str))? == namespace
                {
                    return Err(NameFault::DuplicateAttribute);
                }
            }
        }
        Ok(())
    }

    /// An attribute without a prefix is in no namespace, whatever the default is (Namespaces in XML 1.0 §6.2).
    fn attribute_namespace(&self, prefix: Option<&str>) -> Result<&str, NameFault> {
        match prefix {
            None => Ok(""),
            Some("xmlns") => Ok(XMLNS),
            Some(_) => self.resolve(prefix).ok_or(NameFault::UndeclaredPrefix),
        }
    }

    fn resolve(&self, prefix: Option<&str>) -> Option<&str> {
        if prefix == Some("xml") {
            return Some(XML);
        }
        let found =
            self.declarations.iter().rev().find(|declaration| declaration.prefix.as_deref() == prefix);
        match found {
            Some(declaration) => Some(&declaration.namespace),
            None => prefix.is_none().then_some(""),
        }
    }
}
