//! The roster (有資格業者名簿) as a file.
