// What can be wrong or odd in archives, pictures, sounds, arrays and given parts: the second half of the table of problems.

export const mediaProblems = {
  broken_archive: [
    "error",
    "The archive cannot be read: {facts}.",
    "Make it again (zip -r data.zip folder) and send it once more.",
  ],
  unsafe_entry: [
    "error",
    'The archive holds "{value}", {facts}.',
    "Archive plain files below one folder, without links and without .. in their names.",
  ],
  too_many_entries: [
    "error",
    "The archive holds {facts} files, more than 200,000.",
    "Send arrays (NPY, NPZ, IDX) instead of so many files.",
  ],
  archive_bomb: [
    "error",
    '"{value}" in the archive unpacks to more than 500 times its size: that is no data.',
    "Send the file on its own, or as Parquet.",
  ],
  unreadable_file: [
    "error",
    'The file "{value}" {facts}.',
    "Mend or remove it: PNG, JPEG, WebP, WAV and MP3 are read, and tables in the formats of a single file.",
  ],
  ignored_files: [
    "warning",
    'Files of another kind are ignored: {facts}, such as "{value}".',
    "Send them on their own.",
  ],
  unknown_file: [
    "error",
    'Line {line} of the table is about "{value}", but there is no such file.',
    "Name the file as in the archive, or leave the line out.",
  ],
  listed_twice: ["error", 'Line {line} of the table is about "{value}" again.', "Keep one line for each file."],
  unlisted_file: [
    "error",
    'The file "{value}" is not in the table, others are.',
    "Add a line for it, or leave the file out.",
  ],
  file_without_class: [
    "error",
    'The file "{value}" lies in no class folder, others do.',
    "Put every file into the folder of its class.",
  ],
  file_without_part: [
    "error",
    'The file "{value}" belongs to neither train, validation nor test, others do.',
    "Put every file into a folder of its part, or none.",
  ],
  pattern_mismatch: [
    "error",
    'The name "{value}" does not match the pattern {facts}.',
    "Change options.pattern, or rename the file. The pattern is matched against the name without folders and ending.",
  ],
  line_mismatch: [
    "error",
    "Line {line} does not match the pattern {facts}.",
    "Change options.pattern, or the line. RE2 syntax, such as ^(?<source>.*) OUT: (?<target>.*)$.",
  ],
  whole_lines: [
    "warning",
    "Every line is one text, in one column, but the lines look as if they held several.",
    'To cut them into columns, send options {"pattern": "{facts}"}.',
  ],
  final_dots: [
    "warning",
    'In the test and validation parts every value of column "{column}" ends in a dot, such as "{value}"; the dot was cut, for the training part has the same values without.',
    "Nothing, if they mean the same; otherwise give them other names in the files.",
  ],
  too_many_pixels: [
    "error",
    "{facts}, more than fits.",
    'Ask for a smaller size: options {"image": {"size": [64, 64]}}.',
  ],
  image_resized: [
    "warning",
    'The picture "{value}" is {facts} like most others.',
    'Ask for a size of your own with options {"image": {"size": [height, width]}}.',
  ],
  images_scaled_down: [
    "warning",
    "{facts}.",
    'Ask for a size of your own with options {"image": {"size": [height, width]}}.',
  ],
  sound_resampled: [
    "warning",
    'The sound "{value}" has {facts} like most others.',
    "Send all sounds with one sample rate.",
  ],
  sounds_resampled: ["warning", "{facts}.", "Send all sounds with one sample rate."],
  parts_differ: [
    "error",
    'The file "{value}" has other columns than the first: {facts}.',
    "Give all parts the same columns, or leave this file out.",
  ],
  lines_differ: [
    "error",
    'The files are not aligned: "{value}" has {facts}.',
    "Line N of one file must be the translation of line N of the other.",
  ],
  no_media: [
    "error",
    "The format {facts} was asked for, but the upload holds none.",
    "Send PNG, JPEG or WebP pictures or WAV or MP3 sounds, alone or in a ZIP, or leave format out.",
  ],
  gap_in_sequence: [
    "error",
    'Row {row} has a list in column "{column}" with an element that is no finite number.',
    "Fill the gap, or leave the row out. A sequence that is missing as a whole is null.",
  ],
  uneven_steps: [
    "error",
    'The lists within the lists of column "{column}" have different lengths.',
    "Give every step of a sequence the same number of values, such as [[1, 2], [3, 4]].",
  ],
  bad_array: [
    "error",
    'The array "{value}" {facts}.',
    "Send NPY or NPZ as numpy.save and numpy.savez write them, or IDX: numbers or strings, rows first.",
  ],
  arrays_differ: [
    "error",
    "The arrays do not fit together: {facts}.",
    "Give all arrays of a part the same rows, and every part the same arrays: x_train, y_train, x_test, y_test.",
  ],
} as const;
