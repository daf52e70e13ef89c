//! Declarations by ts-rs, noted in a type's schema; the expansion of `#[payload(ts)]`.

use std::{any::TypeId, collections::HashSet};

use schemars::Schema;
use serde_json::{Map, Value, json};
use sio_types_schema::keys;
use ts_rs::{Config, TS, TypeVisitor};

/// Notes the name and the declaration of a type, and the declarations of all types that these refer to.
pub fn declare_by_ts_rs<T: TS + 'static + ?Sized>(schema: &mut Schema) {
    // An integer of 64 bits is a number on the wire.
    let config = Config::new().with_large_int("number");
    let name = T::name(&config);
    let mut declarations = Declarations {
        config,
        seen: HashSet::new(),
        texts: Map::new(),
    };
    declarations.visit::<T>();
    let note = json!({ "name": name, "declarations": declarations.texts });
    schema.insert(keys::TS.to_owned(), note);
}

struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    texts: Map<String, Value>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // TypeScript's built-in types have no declaration and no output file.
        if T::output_path().is_some() {
            let name = T::ident(&self.config);
            self.texts.insert(name, T::decl(&self.config).into());
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}
