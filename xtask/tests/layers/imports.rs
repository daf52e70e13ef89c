//! The paths in a module that refer to other modules of its crate.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use syn::{
    Item, ItemMacro, ItemMod, ItemUse, Lit, Macro, MetaList, Type, UseTree, VisRestricted,
    visit::{self, Visit},
};

use crate::modules::{ModulePath, is_test_code};

/// Macros that contain code of another crate.
const QUOTES: [&str; 4] = [
    "quote",
    "quote_spanned",
    "parse_quote",
    "parse_quote_spanned",
];

/// A path into the crate.
pub(crate) struct Import {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
    /// The path as written.
    pub(crate) written: String,
    /// The path from the crate's root.
    pub(crate) target: ModulePath,
    /// `true` for `$crate` in a `#[macro_export]` macro: other crates expand it, so it needs public paths.
    pub(crate) is_public: bool,
}

/// A path of a `use` tree.
pub(crate) struct Leaf {
    pub(crate) segments: Vec<Ident>,
    /// The name in the module, or `None` for a glob.
    pub(crate) name: Option<String>,
}

/// Splits a `use` tree into its paths.
pub(crate) fn flatten(tree: &UseTree) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    flatten_into(tree, &mut Vec::new(), &mut leaves);
    leaves
}

fn flatten_into(tree: &UseTree, prefix: &mut Vec<Ident>, leaves: &mut Vec<Leaf>) {
    let leaf = |prefix: &[Ident], last: &Ident, name: Option<&Ident>| {
        let mut segments = prefix.to_vec();
        if last != "self" || prefix.is_empty() {
            segments.push(last.clone());
        }
        let name = name.or(segments.last()).map(Ident::to_string);
        Leaf { segments, name }
    };
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.clone());
            flatten_into(&path.tree, prefix, leaves);
            prefix.pop();
        }
        UseTree::Name(name) => leaves.push(leaf(prefix, &name.ident, None)),
        UseTree::Rename(name) => leaves.push(leaf(prefix, &name.ident, Some(&name.rename))),
        UseTree::Glob(_) => leaves.push(Leaf {
            segments: prefix.clone(),
            name: None,
        }),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten_into(tree, prefix, leaves);
            }
        }
    }
}

/// Collects the imports of one module.
pub(crate) struct Imports<'i> {
    file: &'i Path,
    module: ModulePath,
    /// The module's child modules, with which a path may start.
    children: Vec<String>,
    is_exported_macro: bool,
    is_attribute: bool,
    found: Vec<Import>,
}

impl<'i> Imports<'i> {
    pub(crate) fn new(module: ModulePath, items: &[Item], file: &'i Path) -> Self {
        Self {
            file,
            module,
            children: children(items),
            is_exported_macro: false,
            is_attribute: false,
            found: Vec::new(),
        }
    }

    pub(crate) fn found(self) -> Vec<Import> {
        self.found
    }

    /// Visits an item of the module, except for child modules, which have their own imports.
    pub(crate) fn visit_unless_module(&mut self, item: &Item) {
        if !matches!(item, Item::Mod(_)) {
            self.visit_item(item);
        }
    }

    /// Returns the path from the crate's root, or `None` if it leaves the crate or starts with a name in scope.
    pub(crate) fn resolve(&self, segments: &[Ident]) -> Option<ModulePath> {
        let first = segments.first()?.to_string();
        let mut target = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.parent(&self.module),
            _ if self.children.contains(&first) => [self.module.as_slice(), &[first]].concat(),
            _ => return None,
        };
        for segment in &segments[1..] {
            match segment.to_string().as_str() {
                "self" => {}
                "super" => target = self.parent(&target),
                name => target.push(name.to_owned()),
            }
        }
        Some(target)
    }

    fn parent(&self, module: &[String]) -> ModulePath {
        module[..module.len().saturating_sub(1)].to_vec()
    }

    fn record(&mut self, segments: &[Ident], is_public: bool) {
        let (Some(target), Some(last)) = (self.resolve(segments), segments.last()) else {
            return;
        };
        let names: Vec<_> = segments.iter().map(Ident::to_string).collect();
        self.found.push(Import {
            file: self.file.to_owned(),
            line: last.span().start().line,
            written: names.join("::"),
            target,
            is_public,
        });
    }

    fn record_tree(&mut self, tree: &UseTree, is_public: bool) {
        for leaf in flatten(tree) {
            self.record(&leaf.segments, is_public);
        }
    }

    /// Visits the content of an inline module.
    fn inside(&mut self, name: String, children: Vec<String>, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.children, children);
        self.module.push(name);
        visit(self);
        self.module.pop();
        self.children = outer;
    }

    /// Finds paths in the tokens of a macro call, whose syntax is unknown.
    fn walk(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while let Some((token, after)) = rest.split_first() {
            let before = &tokens[..tokens.len() - rest.len()];
            rest = after;
            match token {
                TokenTree::Group(group) => self.walk(group.stream()),
                TokenTree::Literal(literal) if self.is_attribute => {
                    self.literal(&Lit::new(literal.clone()));
                }
                TokenTree::Ident(name) if QUOTES.iter().any(|quote| name == quote) => {
                    if let [TokenTree::Punct(bang), TokenTree::Group(_), after @ ..] = after
                        && bang.as_char() == '!'
                    {
                        rest = after;
                    }
                }
                TokenTree::Ident(keyword) if keyword == "mod" => {
                    if let [TokenTree::Ident(name), TokenTree::Group(body), after @ ..] = after
                        && body.delimiter() == Delimiter::Brace
                    {
                        rest = after;
                        self.inside(name.to_string(), Vec::new(), |inner| {
                            inner.walk(body.stream());
                        });
                    }
                }
                TokenTree::Ident(first)
                    if ["crate", "self", "super"].iter().any(|root| first == root)
                        && !ends_with_colons(before) =>
                {
                    let is_dollar_crate = matches!(before.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '$');
                    let is_public = is_dollar_crate && self.is_exported_macro;
                    rest = self.path(first, after, is_public);
                }
                _ => {}
            }
        }
    }

    /// Records the path that starts with `first`, and returns the tokens after it.
    fn path<'t>(
        &mut self,
        first: &Ident,
        mut rest: &'t [TokenTree],
        is_public: bool,
    ) -> &'t [TokenTree] {
        let mut segments = vec![first.clone()];
        while let [
            TokenTree::Punct(one),
            TokenTree::Punct(two),
            next,
            after @ ..,
        ] = rest
            && (one.as_char(), one.spacing(), two.as_char()) == (':', Spacing::Joint, ':')
        {
            match next {
                TokenTree::Ident(name) => segments.push(name.clone()),
                TokenTree::Punct(star) if star.as_char() == '*' => {
                    self.record(&segments, is_public);
                    return after;
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.group(&segments, group, is_public);
                    return after;
                }
                _ => break,
            }
            rest = after;
        }
        // A single `crate` is part of `pub(crate)`, and a single `self` is a value.
        if segments.len() > 1 {
            self.record(&segments, is_public);
        }
        rest
    }

    /// Records `prefix::{…}`.
    fn group(&mut self, prefix: &[Ident], group: &Group, is_public: bool) {
        let tokens = TokenStream::from(TokenTree::Group(group.clone()));
        match syn::parse2::<UseTree>(tokens) {
            Ok(tree) => {
                let mut leaves = Vec::new();
                flatten_into(&tree, &mut prefix.to_vec(), &mut leaves);
                for leaf in leaves {
                    self.record(&leaf.segments, is_public);
                }
            }
            // The group contains a macro variable.
            Err(_) => self.record(prefix, is_public),
        }
    }

    /// Records a path in a string, as in `#[serde(with = "crate::wire::text")]`.
    fn literal(&mut self, literal: &Lit) {
        if let Lit::Str(text) = literal
            && let Ok(ty) = text.parse::<Type>()
        {
            self.visit_type(&ty);
        }
    }
}

/// Returns the names of the modules among the items, except for test modules.
fn children(items: &[Item]) -> Vec<String> {
    let modules = items.iter().filter_map(|item| match item {
        Item::Mod(module) if !is_test_code(&module.attrs) => Some(module.ident.to_string()),
        _ => None,
    });
    modules.collect()
}

/// `true` if the tokens end with `::`, so that the next segment is not the first one.
fn ends_with_colons(tokens: &[TokenTree]) -> bool {
    matches!(
        tokens,
        [.., TokenTree::Punct(one), TokenTree::Punct(two)]
            if (one.as_char(), one.spacing(), two.as_char()) == (':', Spacing::Joint, ':')
    )
}

/// Visits a node unless only tests compile it.
macro_rules! unless_test_code {
    ($($visit:ident: $node:ident,)*) => {
        $(fn $visit(&mut self, node: &'ast syn::$node) {
            if !is_test_code(&node.attrs) {
                visit::$visit(self, node);
            }
        })*
    };
}

impl<'ast> Visit<'ast> for Imports<'_> {
    unless_test_code! {
        visit_arm: Arm,
        visit_expr_block: ExprBlock,
        visit_expr_call: ExprCall,
        visit_expr_macro: ExprMacro,
        visit_expr_method_call: ExprMethodCall,
        visit_field: Field,
        visit_field_value: FieldValue,
        visit_impl_item_const: ImplItemConst,
        visit_impl_item_fn: ImplItemFn,
        visit_impl_item_macro: ImplItemMacro,
        visit_impl_item_type: ImplItemType,
        visit_item_const: ItemConst,
        visit_item_enum: ItemEnum,
        visit_item_fn: ItemFn,
        visit_item_impl: ItemImpl,
        visit_item_static: ItemStatic,
        visit_item_struct: ItemStruct,
        visit_item_trait: ItemTrait,
        visit_item_type: ItemType,
        visit_item_union: ItemUnion,
        visit_local: Local,
        visit_stmt_macro: StmtMacro,
        visit_trait_item_const: TraitItemConst,
        visit_trait_item_fn: TraitItemFn,
        visit_trait_item_macro: TraitItemMacro,
        visit_trait_item_type: TraitItemType,
        visit_variant: Variant,
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() && !is_test_code(&item.attrs) {
            self.record_tree(&item.tree, false);
        }
    }

    /// Visits a module in a function's body.
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if let Some((_, items)) = &item.content
            && !is_test_code(&item.attrs)
        {
            self.inside(item.ident.to_string(), children(items), |inner| {
                items.iter().for_each(|item| inner.visit_item(item));
            });
        }
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if !is_test_code(&item.attrs) {
            let is_export = |one: &syn::Attribute| one.path().is_ident("macro_export");
            self.is_exported_macro = item.attrs.iter().any(is_export);
            visit::visit_item_macro(self, item);
            self.is_exported_macro = false;
        }
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        let last = item.path.segments.last();
        if !last.is_some_and(|last| QUOTES.iter().any(|quote| last.ident == quote)) {
            visit::visit_macro(self, item);
        }
    }

    fn visit_meta_list(&mut self, list: &'ast MetaList) {
        let outer = std::mem::replace(&mut self.is_attribute, true);
        visit::visit_meta_list(self, list);
        self.is_attribute = outer;
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.walk(tokens.clone());
    }

    /// Ignores the path in `pub(in …)`, which is not an import.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let segments: Vec<_> = path.segments.iter().map(|one| one.ident.clone()).collect();
            self.record(&segments, false);
        }
        visit::visit_path(self, path);
    }
}
