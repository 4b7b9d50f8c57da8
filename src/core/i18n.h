/*
 * i18n.h - marks sentences for translation. N_() only marks: the text is translated where it is shown.
 */
#ifndef TESSERA_CORE_I18N_H
#define TESSERA_CORE_I18N_H

#define N_(text) text

#endif
