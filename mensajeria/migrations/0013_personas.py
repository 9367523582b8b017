"""Las palabras por las que se busca a cada persona, y sus preferencias en cada conversación."""

import django.db.models.deletion
import mensajeria.models.base
from django.conf import settings
from django.db import migrations, models

from mensajeria.models.palabra import palabras_de, sin_arroba

DE_UNA_VEZ = 1_000


def apuntar(apps, schema_editor):
    usuario = apps.get_model('mensajeria', 'Usuario')
    palabra = apps.get_model('mensajeria', 'PalabraDeUsuario')
    desde = ''
    while filas := list(usuario.objects.filter(pk__gt=desde).order_by('pk')[:DE_UNA_VEZ]):
        palabra.objects.bulk_create(
            palabra(usuario_id=f.pk, palabra=p, de_experto=f.es_experto)
            for f in filas
            for p in palabras_de(f'{f.nombre} {f.apellido} {sin_arroba(f.username)}')
        )
        desde = filas[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('mensajeria', '0012_archivos'),
    ]

    operations = [
        migrations.CreateModel(
            name='PalabraDeUsuario',
            fields=[
                ('id', models.CharField(db_column='_id', default=mensajeria.models.base.nuevo_id, editable=False, max_length=36, primary_key=True, serialize=False, verbose_name='identificador')),
                ('palabra', models.CharField(max_length=64)),
                ('de_experto', models.BooleanField(default=False)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='participante',
            name='anclada',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='participante',
            name='archivada',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='participante',
            name='silenciada_hasta',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='archivo',
            name='estado',
            field=models.CharField(choices=[('subiendo', 'Subiendo'), ('en_revision', 'En revisión'), ('listo', 'Listo'), ('enviado', 'Enviado'), ('avatar', 'Avatar'), ('sobra', 'Por borrar')], default='subiendo', max_length=12),
        ),
        migrations.AddIndex(
            model_name='participante',
            index=models.Index(condition=models.Q(('anclada', True)), fields=['usuario'], name='ix_part_ancladas'),
        ),
        migrations.AddIndex(
            model_name='participante',
            index=models.Index(condition=models.Q(('archivada', True)), fields=['usuario'], name='ix_part_archivadas'),
        ),
        migrations.AddField(
            model_name='palabradeusuario',
            name='usuario',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='palabras', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='palabradeusuario',
            index=models.Index(fields=['usuario', 'palabra'], name='ix_pal_usuario'),
        ),
        migrations.AddIndex(
            model_name='palabradeusuario',
            index=models.Index(fields=['palabra', 'usuario'], name='ix_pal_palabra', opclasses=['text_pattern_ops', 'text_ops']),
        ),
        migrations.AddIndex(
            model_name='palabradeusuario',
            index=models.Index(fields=['de_experto', 'palabra'], name='ix_pal_experto', opclasses=['bool_ops', 'text_pattern_ops']),
        ),
        migrations.RunPython(apuntar, migrations.RunPython.noop),
    ]
