//! Assignability of TypeScript types.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::ts::{Declaration, Member, Ts};

/// Maximum number of names that are resolved through each other.
const DEEPEST: usize = 24;

/// Maximum number of forms that are compared, for all types together.
const MOST_FORMS: usize = 200_000;

/// Maximum depth of nested comparisons.
const LONGEST_TRAIL: usize = 64;

/// Pairs of types that are being compared. A recursive type meets itself here, and fits if the rest does.
type Trail = Vec<(Ts, Ts)>;

/// Declarations that names refer to.
#[derive(Debug, Default)]
pub(super) struct Scope {
    declarations: HashMap<String, Declaration>,
    /// Pairs of names whose types are compared separately, and count as equal within other types.
    assumed: HashSet<[String; 2]>,
    /// Number of forms that were compared.
    forms: Cell<usize>,
    is_cut: Cell<bool>,
}

/// Place at which a value of one type is not assignable to the other.
#[derive(Debug, PartialEq)]
pub(super) struct Mismatch {
    /// Members on the path to the place.
    pub(super) path: Vec<String>,
    /// Type that was found; `None` for a missing member.
    pub(super) found: Option<String>,
    /// Type that was expected.
    pub(super) wanted: String,
    /// `true` if both are string literals, that is, different variants.
    is_other_variant: bool,
}

impl Mismatch {
    fn of(found: &Ts, wanted: &Ts) -> Self {
        Self {
            path: Vec::new(),
            found: Some(found.to_string()),
            wanted: wanted.to_string(),
            is_other_variant: matches!((found, wanted), (Ts::Text(_), Ts::Text(_))),
        }
    }

    fn of_member(found: Option<&Member>, wanted: &Member) -> Self {
        Self {
            path: vec![wanted.name.clone()],
            found: found.map(Member::to_string),
            wanted: wanted.to_string(),
            is_other_variant: false,
        }
    }

    fn within(mut self, member: &str) -> Self {
        self.path.insert(0, member.to_owned());
        self
    }

    /// Returns `true` if this mismatch of two unions is more informative than another.
    fn is_closer_than(&self, other: &Self) -> bool {
        let closeness = |it: &Self| (!it.is_other_variant, it.path.len());
        closeness(self) > closeness(other)
    }
}

impl Scope {
    pub(super) fn declare(&mut self, declaration: Declaration) {
        let name = declaration.name.clone();
        self.declarations.insert(name, declaration);
    }

    /// Treats two names as equal within other types.
    pub(super) fn assume(&mut self, name: String, other: &str) {
        self.assumed.insert([name, other.to_owned()]);
    }

    fn is_assumed(&self, found: &Ts, wanted: &Ts) -> bool {
        let name = |ty: &Ts| match ty {
            Ts::Name(name, arguments) if arguments.is_empty() => name.clone(),
            ty => ty.to_string(),
        };
        let (found, wanted) = (name(found), name(wanted));
        self.assumed.contains(&[found.clone(), wanted.clone()])
            || self.assumed.contains(&[wanted, found])
    }

    /// Checks that every value of `found` is one of `wanted`.
    pub(super) fn fits(&self, found: &Ts, wanted: &Ts) -> Result<(), Mismatch> {
        self.check(found, wanted, &mut Trail::new())
    }

    /// Returns `true` if the types were too many or too deep to compare.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut.get()
    }

    /// Counts forms. Returns `false` if there are too many.
    fn spend(&self, forms: usize) -> bool {
        let spent = self.forms.get().saturating_add(forms);
        self.forms.set(spent);
        if spent > MOST_FORMS {
            self.is_cut.set(true);
        }
        spent <= MOST_FORMS
    }

    fn check(&self, found: &Ts, wanted: &Ts, trail: &mut Trail) -> Result<(), Mismatch> {
        if !self.spend(1) {
            return Ok(());
        }
        if trail.len() >= LONGEST_TRAIL {
            self.is_cut.set(true);
            return Ok(());
        }
        let pair = (found.clone(), wanted.clone());
        let is_within = !trail.is_empty();
        let is_known = is_within && (trail.contains(&pair) || self.is_assumed(found, wanted));
        if found == wanted || is_known {
            return Ok(());
        }
        trail.push(pair);
        let (found, wanted) = (self.forms(found, 0), self.forms(wanted, 0));
        let mut forms = found.iter();
        let fits = forms.try_for_each(|one| self.is_one_of(one, &wanted, trail));
        trail.pop();
        fits
    }

    fn is_one_of(&self, found: &Ts, wanted: &[Ts], trail: &mut Trail) -> Result<(), Mismatch> {
        let mut closest: Option<Mismatch> = None;
        if !self.spend(wanted.len()) {
            return Ok(());
        }
        for form in wanted {
            let Err(mismatch) = self.form(found, form, trail) else {
                return Ok(());
            };
            if closest
                .as_ref()
                .is_none_or(|it| mismatch.is_closer_than(it))
            {
                closest = Some(mismatch);
            }
        }
        match closest {
            Some(mismatch) if wanted.len() == 1 => Err(mismatch),
            Some(mismatch) if !mismatch.is_other_variant && !mismatch.path.is_empty() => {
                Err(mismatch)
            }
            _ => Err(Mismatch::of(found, &Ts::union(wanted.to_vec()))),
        }
    }

    /// Compares one form of a value with one expected form.
    fn form(&self, found: &Ts, wanted: &Ts, trail: &mut Trail) -> Result<(), Mismatch> {
        let fits = match (found, wanted) {
            (_, Ts::Name(name, _)) if name == "unknown" || name == "any" => true,
            (Ts::Name(name, _), _) if name == "never" || name == "any" => true,
            (Ts::Text(_), Ts::Name(name, _)) => name == "string",
            (Ts::Name(found, _), Ts::Name(wanted, _)) => {
                let is_number = || found.parse::<f64>().is_ok() && wanted == "number";
                found == wanted || is_number()
            }
            (Ts::Array(found), Ts::Array(wanted)) => return self.check(found, wanted, trail),
            (Ts::Tuple(elements), Ts::Array(wanted)) => {
                let mut elements = elements.iter();
                return elements.try_for_each(|(element, _)| self.check(element, wanted, trail));
            }
            (Ts::Tuple(found), Ts::Tuple(wanted)) => return self.tuple(found, wanted, trail),
            (Ts::Object(members, index), Ts::Object(wanted, wanted_index)) => {
                self.members(members, wanted, trail)?;
                return self.index(members, index.as_deref(), wanted_index.as_deref(), trail);
            }
            (found, wanted) => found == wanted,
        };
        if fits {
            return Ok(());
        }
        Err(Mismatch::of(found, wanted))
    }

    fn tuple(
        &self,
        found: &[(Ts, bool)],
        wanted: &[(Ts, bool)],
        trail: &mut Trail,
    ) -> Result<(), Mismatch> {
        let least = |elements: &[(Ts, bool)]| elements.iter().filter(|(_, it)| !it).count();
        if found.len() > wanted.len() || least(found) < least(wanted) {
            let tuple = |elements: &[(Ts, bool)]| Ts::Tuple(elements.to_vec());
            return Err(Mismatch::of(&tuple(found), &tuple(wanted)));
        }
        let mut pairs = found.iter().zip(wanted);
        pairs.try_for_each(|((found, _), (wanted, _))| self.check(found, wanted, trail))
    }

    fn members(
        &self,
        found: &[Member],
        wanted: &[Member],
        trail: &mut Trail,
    ) -> Result<(), Mismatch> {
        for member in wanted {
            let known = found.iter().find(|it| it.name == member.name);
            let Some(known) = known else {
                if member.optional {
                    continue;
                }
                return Err(Mismatch::of_member(None, member));
            };
            if known.optional && !member.optional {
                return Err(Mismatch::of_member(Some(known), member));
            }
            self.check(&known.ty, &member.ty, trail)
                .map_err(|mismatch| mismatch.within(&member.name))?;
        }
        Ok(())
    }

    fn index(
        &self,
        members: &[Member],
        found: Option<&Ts>,
        wanted: Option<&Ts>,
        trail: &mut Trail,
    ) -> Result<(), Mismatch> {
        let Some(wanted) = wanted else { return Ok(()) };
        let types = members.iter().map(|member| (&*member.name, &member.ty));
        for (name, ty) in types.chain(found.map(|ty| ("[key]", ty))) {
            self.check(ty, wanted, trail)
                .map_err(|mismatch| mismatch.within(name))?;
        }
        Ok(())
    }

    /// Returns the alternatives of a type, with names resolved and intersections expanded.
    fn forms(&self, ty: &Ts, depth: usize) -> Vec<Ts> {
        if depth >= DEEPEST || !self.spend(1) {
            return vec![ty.clone()];
        }
        match ty {
            Ts::Name(name, _) if name == "boolean" => ["true", "false"]
                .map(|name| Ts::Name(name.to_owned(), Vec::new()))
                .into(),
            Ts::Name(name, arguments) => match self.declarations.get(name) {
                Some(declaration) => {
                    let parameters = declaration.parameters.iter().map(String::as_str);
                    let arguments: HashMap<_, _> = parameters.zip(arguments).collect();
                    self.forms(&declaration.ty.with(&arguments), depth + 1)
                }
                None => vec![ty.clone()],
            },
            Ts::Union(types) => types
                .iter()
                .flat_map(|ty| self.forms(ty, depth + 1))
                .collect(),
            Ts::Both(types) => {
                let mut product = vec![Ts::Object(Vec::new(), None)];
                for ty in types {
                    let forms = self.forms(ty, depth + 1);
                    if !self.spend(product.len().saturating_mul(forms.len())) {
                        return Vec::new();
                    }
                    product = product
                        .iter()
                        .flat_map(|left| forms.iter().map(|right| merged(left, right)))
                        .collect();
                }
                product
            }
            other => vec![other.clone()],
        }
    }
}

fn merged(left: &Ts, right: &Ts) -> Ts {
    match (left, right) {
        (Ts::Object(a, index_a), Ts::Object(b, index_b)) => {
            let index = index_a.clone().or_else(|| index_b.clone());
            Ts::Object([a.as_slice(), b].concat(), index)
        }
        // The intersection of an empty object and a type without members of its own.
        (Ts::Object(members, None), other) if members.is_empty() => other.clone(),
        _ => Ts::Name("never".to_owned(), Vec::new()),
    }
}
